/** Whether the code of an error, of Node or OpenSSL, says that a TLS handshake failed. */
export function isOfHandshake(code: string): boolean {
  return /^ERR_(?:SSL|TLS|OSSL)_|CERT|^UNABLE_TO_|^EPROTO$|SELF_SIGNED|^HOSTNAME_MISMATCH$|ISSUER/.test(code)
}
