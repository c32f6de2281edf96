{{/*
Names, labels, images and the CEL of the webhooks. One release is `modelroute`, whatever the release is called,
unless names are overridden: the names below are what docs and commands use.
*/}}

{{- define "modelroute.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 40 | trimSuffix "-" }}
{{- end }}

{{- define "modelroute.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" }}
{{- else if contains (include "modelroute.name" .) .Release.Name }}
{{- .Release.Name | trunc 40 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name (include "modelroute.name" .) | trunc 40 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- define "modelroute.operatorName" -}}
{{ include "modelroute.fullname" . }}-operator
{{- end }}

{{- define "modelroute.probeName" -}}
{{ include "modelroute.fullname" . }}-webhook-probe
{{- end }}

{{- define "modelroute.serviceAccountName" -}}
{{- if .Values.serviceAccount.create }}
{{- default (include "modelroute.operatorName" .) .Values.serviceAccount.name }}
{{- else }}
{{- required "serviceAccount.name is needed when serviceAccount.create is false" .Values.serviceAccount.name }}
{{- end }}
{{- end }}

{{- define "modelroute.selectorLabels" -}}
app.kubernetes.io/name: {{ include "modelroute.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: operator
{{- end }}

{{- define "modelroute.labels" -}}
app.kubernetes.io/name: {{ include "modelroute.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/part-of: modelroute
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* One image name from its parts; a digest wins over a tag. */}}
{{- define "modelroute.imageName" -}}
{{- $name := .repository }}
{{- if .registry }}{{ $name = printf "%s/%s" .registry .repository }}{{ end }}
{{- if .digest }}{{ printf "%s@%s" $name .digest }}{{ else }}{{ printf "%s:%s" $name .tag }}{{ end }}
{{- end }}

{{- define "modelroute.image" -}}
{{- include "modelroute.imageName" (merge (dict "tag" (default .Chart.AppVersion .Values.image.tag)) .Values.image) }}
{{- end }}

{{/*
The image of the sidecar: each empty part is that of the operator's image, so that both are one image unless told. Its
own tag means that the operator's digest does not apply.
*/}}
{{- define "modelroute.proxyImage" -}}
{{- $own := .Values.proxy.image }}
{{- $other := .Values.image }}
{{- $isSameContent := and (not $own.tag) (not $own.digest) }}
{{- include "modelroute.imageName" (dict
  "registry" (default $other.registry $own.registry)
  "repository" (default $other.repository $own.repository)
  "tag" (coalesce $own.tag $other.tag .Chart.AppVersion)
  "digest" (ternary $other.digest $own.digest $isSameContent)) }}
{{- end }}

{{/* Namespaces that no webhook ever touches. */}}
{{- define "modelroute.excludedNamespaces" -}}
{{- concat (list "kube-system" .Release.Namespace) .Values.webhook.excludedNamespaces | uniq | toJson }}
{{- end }}

{{/*
CEL: a workload and its pod template (`template` is the path to the template) say different things.

  annotation on the workload         same on the template?   called
  modelroute.dev/x: v                yes                     no
  modelroute.dev/x: v                absent or different     yes
  none, but the template has copies  -                       on UPDATE only: a removal is followed
  none, but the old workload had it  -                       on UPDATE: a removal is followed

A Job that a CronJob makes has the copied keys on its template and not on itself, which is why CREATE is no removal.
Every field is guarded by has(): under failurePolicy Fail an expression with an error refuses the object.
*/}}
{{- define "modelroute.templateDiffers" -}}
{{- $metadata := printf "%s.metadata" .template -}}
{{- $hasAnnotations := printf "has(%s) && has(%s.annotations)" $metadata $metadata -}}
(has(object.metadata.annotations) && object.metadata.annotations.exists(key,
  key.startsWith('modelroute.dev/') &&
  !({{ $hasAnnotations }} && key in {{ $metadata }}.annotations &&
    {{ $metadata }}.annotations[key] == object.metadata.annotations[key])))
|| (request.operation == 'UPDATE' && {{ $hasAnnotations }} &&
  'modelroute.dev/copied' in {{ $metadata }}.annotations &&
  {{ $metadata }}.annotations['modelroute.dev/copied'].split(',').exists(key,
    key != '' && !(has(object.metadata.annotations) && key in object.metadata.annotations)))
|| (request.operation == 'UPDATE' && has(oldObject.metadata.annotations) &&
  oldObject.metadata.annotations.exists(key,
    key.startsWith('modelroute.dev/') &&
    !(has(object.metadata.annotations) && key in object.metadata.annotations)))
{{- end }}

{{/* Parts that several objects of one file share. */}}

{{- define "modelroute.webhookClient" }}
    admissionReviewVersions: [v1]
    sideEffects: None
    matchPolicy: Equivalent
    timeoutSeconds: {{ .root.Values.webhook.timeoutSeconds }}
    clientConfig:
      service:
        namespace: {{ .root.Release.Namespace }}
        name: {{ include "modelroute.fullname" .root }}-webhook
        port: 443
        path: {{ .path }}
{{- end }}

{{- define "modelroute.operatorSubject" }}
subjects:
  - kind: ServiceAccount
    name: {{ include "modelroute.serviceAccountName" . }}
    namespace: {{ .Release.Namespace }}
{{- end }}

{{- define "modelroute.probeHook" }}
  annotations:
    helm.sh/hook: post-install,post-upgrade,test
    helm.sh/hook-weight: {{ .weight | quote }}
    helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
{{- end }}
