{{/* Resources of the sidecar as the operator reads them: every amount a text, a limit of cpu only if there is one. */}}
{{- define "modelroute.proxyResources" -}}
{{- $requests := required "proxy.resources.requests is needed" .Values.proxy.resources.requests }}
{{- $limits := required "proxy.resources.limits is needed: a sidecar must have a limit of memory" .Values.proxy.resources.limits }}
{{- $limitTexts := dict "memory" (required "proxy.resources.limits.memory is needed" $limits.memory | toString) }}
{{- if $limits.cpu }}{{ $_ := set $limitTexts "cpu" (toString $limits.cpu) }}{{ end }}
{{- dict
  "requests" (dict
    "cpu" (required "proxy.resources.requests.cpu is needed" $requests.cpu | toString)
    "memory" (required "proxy.resources.requests.memory is needed" $requests.memory | toString))
  "limits" $limitTexts | toJson }}
{{- end }}

{{/* The Secret with the password of the shared cache; empty: there is none. */}}
{{- define "modelroute.sharedCacheSecret" -}}
{{- with .Values.proxy.cache.shared }}{{ if .url }}{{ .passwordSecret.name }}{{ end }}{{ end }}
{{- end }}

{{/* The settings of the operator (operator/config.ts). */}}
{{- define "modelroute.operatorEnvironment" -}}
{{- $fullname := include "modelroute.fullname" . -}}
- { name: NODE_ENV, value: production }
- { name: MODELROUTE_NAMESPACE, valueFrom: { fieldRef: { fieldPath: metadata.namespace } } }
- { name: MODELROUTE_POD_NAME, valueFrom: { fieldRef: { fieldPath: metadata.name } } }
- { name: MODELROUTE_POD_IP, valueFrom: { fieldRef: { fieldPath: status.podIP } } }
- { name: MODELROUTE_SERVICE_ACCOUNT, valueFrom: { fieldRef: { fieldPath: spec.serviceAccountName } } }
- { name: MODELROUTE_REPLICAS, value: {{ .Values.replicaCount | quote }} }
- { name: MODELROUTE_LOG_LEVEL, value: {{ .Values.logLevel }} }
- { name: MODELROUTE_WEBHOOK_PORT, value: {{ .Values.webhook.port | quote }} }
- { name: MODELROUTE_PUSH_PORT, value: "9444" }
- { name: MODELROUTE_ADMIN_PORT, value: "9445" }
- { name: MODELROUTE_WEBHOOK_NAME, value: {{ $fullname }} }
- { name: MODELROUTE_WEBHOOK_SERVICE, value: {{ $fullname }}-webhook }
- { name: MODELROUTE_PUSH_URL, value: "https://{{ $fullname }}-push.{{ .Release.Namespace }}.svc:9444" }
- { name: MODELROUTE_CA_SECRET, value: {{ $fullname }}-ca }
- { name: MODELROUTE_KEY_SECRET, value: {{ $fullname }}-redaction }
- { name: MODELROUTE_LEASE, value: {{ include "modelroute.operatorName" . }} }
- { name: MODELROUTE_TOKEN_AUDIENCE, value: modelroute-push }
- { name: MODELROUTE_TOKEN_FILE, value: /var/run/modelroute/identity/token }
- { name: MODELROUTE_PROXY_IMAGE, value: {{ include "modelroute.proxyImage" . | quote }} }
- { name: MODELROUTE_PROXY_IMAGE_PULL_POLICY, value: {{ default .Values.image.pullPolicy .Values.proxy.image.pullPolicy }} }
- { name: MODELROUTE_PROXY_RESOURCES, value: {{ include "modelroute.proxyResources" . | quote }} }
- { name: MODELROUTE_PROXY_LOG_LEVEL, value: {{ .Values.proxy.logLevel }} }
- { name: MODELROUTE_PROXY_DIALECTS, value: {{ join "," .Values.proxy.dialects | quote }} }
{{- with .Values.proxy.cache }}
- { name: MODELROUTE_PROXY_CACHE_MEMORY, value: {{ .memory | toString | quote }} }
- { name: MODELROUTE_PROXY_CACHE_DISK, value: {{ .disk | toString | quote }} }
{{- if .shared.url }}
- { name: MODELROUTE_SHARED_CACHE_URL, value: {{ .shared.url | quote }} }
- { name: MODELROUTE_SHARED_CACHE_CA, value: {{ .shared.ca | quote }} }
{{- if .shared.passwordSecret.name }}
- { name: MODELROUTE_SHARED_CACHE_PASSWORD_FILE, value: "/var/run/modelroute/shared-cache/{{ .shared.passwordSecret.key }}" }
{{- end }}
{{- end }}
{{- end }}
{{- end }}
