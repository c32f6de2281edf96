// Names of the detectors that a reader of its own finds; the tables of kinds hold the others'. Apart from the readers,
// so that the detector table does not import them.

export const BASIC_CREDENTIALS = 'BasicCredentials'
export const KUBERNETES_SECRET = 'KubernetesSecret'
export const LABELLED_SECRET = 'LabelledSecret'
export const PASSWORD = 'Password'
export const PRIVATE_KEY = 'PrivateKey'
export const URL_CREDENTIALS = 'UrlCredentials'
export const WEBHOOK_URL = 'WebhookUrl'
