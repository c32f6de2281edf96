// A CustomResourceDefinition as a template of the Helm chart: CRDs in a chart's crds/ folder are never upgraded, so
// ours are ordinary templates, with `crds.enabled` around them and `crds.keep` as Helm's resource policy.
// Pure: text in, text out.

const annotations = `  annotations:
    {{- if .Values.crds.keep }}
    helm.sh/resource-policy: keep
    {{- end }}
    modelroute.dev/generated-by: npm run generate
  labels:
    {{- include "modelroute.labels" . | nindent 4 }}`

export function chartTemplate(definitionYaml: string): string {
  const named = /^metadata:\n {2}name: \S+$/m
  if (!named.test(definitionYaml)) throw new Error('the definition has more metadata than a name')
  // Helm would read braces of a description as a template of its own.
  const escaped = definitionYaml.replaceAll('{{', '{{ "{{" }}')
  const body = escaped.replace(named, (metadata) => `${metadata}\n${annotations}`)
  return `{{- if .Values.crds.enabled }}\n${body}{{- end }}\n`
}
