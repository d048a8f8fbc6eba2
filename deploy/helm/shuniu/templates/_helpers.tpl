{{- define "shuniu.name" -}}
{{- if contains .Chart.Name .Release.Name }}{{ .Release.Name | trunc 50 | trimSuffix "-" }}
{{- else }}{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 50 | trimSuffix "-" }}{{ end }}
{{- end }}

{{- define "shuniu.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "shuniu.labels" -}}
{{ include "shuniu.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- define "shuniu.image" -}}
{{- with .Values.image }}
{{- if .digest }}{{ .repository }}@{{ .digest }}{{ else }}{{ .repository }}:{{ .tag | default $.Chart.AppVersion }}{{ end }}
{{- end }}
{{- end }}

{{/* The kinds of processes of this topology, by name, each with its replicas, resources and arguments. */}}
{{- define "shuniu.processes" -}}
{{- $roles := .Values.roles }}
{{- if eq .Values.topology "roles" }}
{{- dict "ingress" (merge (dict "args" (list "start" "--role" "ingress") "hooks" true) $roles.ingress) "orchestrator" (merge (dict "args" (list "start" "--role" "orchestrator") "hooks" false) $roles.orchestrator) | toJson }}
{{- else }}
{{- dict "hub" (dict "args" (list "start") "hooks" true "replicaCount" .Values.replicaCount "resources" .Values.resources) | toJson }}
{{- end }}
{{- end }}

{{/* Where the files of the project come from; empty where the image has them. */}}
{{- define "shuniu.projectVolume" -}}
{{- with .Values.project }}
{{- if .files }}
configMap:
  name: {{ include "shuniu.name" $ }}-project
  items:
    {{- range $path, $_ := .files }}
    - { key: {{ include "shuniu.fileKey" $path }}, path: {{ $path | quote }} }
    {{- end }}
{{- else if .existingConfigMap }}
configMap: { name: {{ .existingConfigMap }} }
{{- else if .existingClaim }}
persistentVolumeClaim: { claimName: {{ .existingClaim }}, readOnly: true }
{{- end }}
{{- end }}
{{- end }}

{{/* A key of a ConfigMap has no slash, and names in Chinese none that it may have. */}}
{{- define "shuniu.fileKey" -}}
{{ printf "f-%s" (sha256sum . | trunc 24) }}
{{- end }}

{{- define "shuniu.environment" -}}
- { name: SHUNIU_HOST, value: 0.0.0.0 }
- { name: SHUNIU_PORT, value: '7070' }
- { name: SHUNIU_HOOKS_PORT, value: '7071' }
- { name: SHUNIU_OPS_PORT, value: '7072' }
- { name: SHUNIU_LOG_LEVEL, value: {{ .Values.logLevel }} }
{{- if .Values.tls.existingSecret }}
- { name: SHUNIU_TLS_CERT, value: /etc/shuniu/tls/tls.crt }
- { name: SHUNIU_TLS_KEY, value: /etc/shuniu/tls/tls.key }
{{- end }}
{{- with .Values.behindProxy }}
- { name: SHUNIU_BEHIND_PROXY, value: {{ join "," . | quote }} }
{{- end }}
{{- with .Values.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "shuniu.environmentFrom" -}}
{{- with .Values.existingSecret }}
- secretRef: { name: {{ . }} }
{{- end }}
{{- with .Values.extraEnvFrom }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "shuniu.mounts" -}}
- { name: tmp, mountPath: /tmp }
- { name: data, mountPath: /var/lib/shuniu }
{{- if include "shuniu.projectVolume" . }}
- { name: project, mountPath: /project, readOnly: true }
{{- end }}
{{- if .Values.tls.existingSecret }}
- { name: tls, mountPath: /etc/shuniu/tls, readOnly: true }
{{- end }}
{{- with .Values.extraVolumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "shuniu.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: { drop: [ALL] }
{{- end }}
