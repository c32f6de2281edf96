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
- { name: MODELROUTE_LEASE, value: {{ include "modelroute.operatorName" . }} }
- { name: MODELROUTE_TOKEN_AUDIENCE, value: modelroute-push }
- { name: MODELROUTE_TOKEN_FILE, value: /var/run/modelroute/identity/token }
- { name: MODELROUTE_SECRET_NAMESPACES, value: {{ join "," .Values.secrets.namespaces | quote }} }
- { name: MODELROUTE_PROXY_IMAGE, value: {{ include "modelroute.proxyImage" . | quote }} }
- { name: MODELROUTE_PROXY_IMAGE_PULL_POLICY, value: {{ default .Values.image.pullPolicy .Values.proxy.image.pullPolicy }} }
- { name: MODELROUTE_PROXY_RESOURCES, value: {{ .Values.proxy.resources | toJson | quote }} }
- { name: MODELROUTE_PROXY_LOG_LEVEL, value: {{ .Values.proxy.logLevel }} }
{{- end }}
