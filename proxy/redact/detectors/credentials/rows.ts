// The rows of the credential family in the detector table: one for each kind of the tables, and one for each reader.
// Samples are made by the templates themselves, so that no token stands in this repository.

import type { DetectorRow } from '../detection.ts'
import { CREDENTIAL_KINDS } from './kinds.ts'
import {
  BASIC_CREDENTIALS,
  KUBERNETES_SECRET,
  LABELLED_SECRET,
  PASSWORD,
  PRIVATE_KEY,
  URL_CREDENTIALS,
  WEBHOOK_URL,
} from './names.ts'
import { exampleOf } from './template.ts'

interface Row {
  readonly name: string
  readonly placeholderWord: string
  readonly description: string
  readonly sample: string
  readonly isOneWay?: true
}

const KEY_BODY = exampleOf('{b64:64}', 3).replaceAll('=', 'A')

const READ_BY_PLACE: readonly Row[] = [
  {
    name: PRIVATE_KEY,
    placeholderWord: 'PRIVATEKEY',
    description: 'Private keys in PEM, OpenSSH and PGP armour. Never restored.',
    sample: `-----BEGIN PRIVATE KEY-----\n${KEY_BODY}\n-----END PRIVATE KEY-----`,
    isOneWay: true,
  },
  {
    name: LABELLED_SECRET,
    placeholderWord: 'SECRET',
    description:
      'A random value behind a label that says token, secret or key, or that names a vendor whose form it has.',
    sample: `api_token = "${exampleOf('{alnum:32}', 5)}"`,
  },
  {
    name: PASSWORD,
    placeholderWord: 'PASSWORD',
    description:
      'What stands behind `password`, `passwd`, `pwd`, 密码 and their sisters, in any language of configuration.',
    sample: 'db_password: "tr0ub4dor&3"',
  },
  {
    name: BASIC_CREDENTIALS,
    placeholderWord: 'BASICAUTH',
    description: 'Name and password of basic authentication: of a command, a header, Docker’s and npm’s configuration.',
    sample: 'curl -u deploy:tr0ub4dor3 https://registry.example.org/',
  },
  {
    name: URL_CREDENTIALS,
    placeholderWord: 'URLAUTH',
    description: 'Name and password in a URL or connection string.',
    sample: 'postgres://shop:tr0ub4dor3@db.internal:5432/shop',
  },
  {
    name: WEBHOOK_URL,
    placeholderWord: 'WEBHOOK',
    description: 'Webhook addresses that let everyone who has them post.',
    sample: `https://hooks.slack.com/services/${exampleOf('{upnum:9}/{upnum:11}/{alnum:24}', 7)}`,
  },
  {
    name: KUBERNETES_SECRET,
    placeholderWord: 'K8SSECRET',
    description: 'The values of Kubernetes Secret manifests.',
    sample: 'apiVersion: v1\nkind: Secret\ndata:\n  user: c2hvcA==\n',
  },
]

const BY_FORM: readonly Row[] = CREDENTIAL_KINDS.map((kind, index) => ({
  name: kind.name,
  placeholderWord: kind.placeholderWord,
  description: kind.description,
  sample: exampleOf(kind.templates[0] ?? '', index + 1),
  ...(kind.isOneWay === true ? { isOneWay: true } : {}),
}))

export const CREDENTIAL_DETECTORS: readonly DetectorRow[] = [...READ_BY_PLACE, ...BY_FORM].map((row) => ({
  ...row,
  family: 'credentials',
  kind: 'SECRET',
  profiles: ['Credentials', 'Standard', 'Strict'],
  isOneWay: row.isOneWay === true,
}))
