import { BlockList, isIP } from 'node:net'

/**
 * `public`: reachable by anybody. `private`: this machine or the company's net, only with permission.
 * `never`: no business system lives there — metadata services, link-local, multicast, reserved, and IPv6 forms that hide an IPv4.
 */
export type AddressKind = 'public' | 'private' | 'never'

type Family = 'ipv4' | 'ipv6'

function listOf(family: Family, nets: readonly string[]): BlockList {
  const list = new BlockList()
  for (const net of nets) {
    const [address = '', bits] = net.split('/')
    list.addSubnet(address, Number(bits), family)
  }
  return list
}

// Sources: IANA special-purpose registries; 100.100.100.200 is Aliyun's metadata service, fd00:ec2::254 Amazon's.
const never = {
  ipv4: listOf('ipv4', [
    '0.0.0.0/8',
    '100.100.100.200/32',
    '169.254.0.0/16',
    '192.0.0.0/24',
    '192.0.2.0/24',
    '192.88.99.0/24',
    '198.51.100.0/24',
    '203.0.113.0/24',
    '224.0.0.0/4',
    '240.0.0.0/4',
  ]),
  ipv6: listOf('ipv6', ['2001::/32', '2001:db8::/32', '2002::/16', 'fd00:ec2::254/128', 'fd20:ce::254/128']),
}

const home = {
  ipv4: listOf('ipv4', [
    '10.0.0.0/8',
    '100.64.0.0/10',
    '127.0.0.0/8',
    '172.16.0.0/12',
    '192.168.0.0/16',
    '198.18.0.0/15',
  ]),
  ipv6: listOf('ipv6', ['::1/128', 'fc00::/7']),
}

/** Of IPv6 only this is given out to the world; whatever lies outside is special (::ffff:0:0/96, 64:ff9b::/96, fe80::/10 …). */
const world = listOf('ipv6', ['2000::/3'])

/** Which kind a numeric address is; what is not a plain numeric address is `never`. */
export function kindOf(address: string): AddressKind {
  const version = isIP(address)
  if (version === 0 || address.includes('%')) return 'never'
  const family = version === 4 ? 'ipv4' : 'ipv6'
  if (never[family].check(address, family)) return 'never'
  if (home[family].check(address, family)) return 'private'
  return version === 4 || world.check(address, 'ipv6') ? 'public' : 'never'
}
