// A reference to a ModelProvider of the same namespace, as backends, canaries and the passthrough have it. An object,
// so that a provider of the whole cluster fits later.
import * as z from 'zod'
import { kubernetesName } from './shapes.ts'

export const providerRef = z
  .object({ name: kubernetesName.meta({ description: 'Name of a ModelProvider in the same namespace.' }) })
  .meta({ description: 'The provider.' })
