// All kinds of credentials that show what they are, joined in the order in which they are tried. The kinds that need a
// reader of their own are named in names.ts.

import { BUSINESS_KINDS } from './kinds-business.ts'
import { CLOUD_KINDS } from './kinds-cloud.ts'
import { CODE_KINDS } from './kinds-code.ts'
import { MODEL_KINDS } from './kinds-models.ts'
import type { CredentialKind } from './kind.ts'

/** Of templates that both match, the first in this order names the finding. */
export const CREDENTIAL_KINDS: readonly CredentialKind[] = [
  ...CLOUD_KINDS,
  ...MODEL_KINDS,
  ...CODE_KINDS,
  ...BUSINESS_KINDS,
]
