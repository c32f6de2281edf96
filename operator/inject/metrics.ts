// What the webhook counts: admissions by path, verdict and reason, how long they took, and how long its certificates
// still last. Every label's values come from a fixed list in the code.
import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import { parseCertificate } from './certificate.ts'
import type { Certificates } from './serving-certificates.ts'

export interface InjectMetrics {
  readonly admissions: Counter<'path' | 'verdict' | 'reason'>
  readonly seconds: Histogram<'path'>
}

export function createInjectMetrics(registry: Registry): InjectMetrics {
  return {
    admissions: new Counter({
      name: 'modelroute_operator_admissions_total',
      help: 'Admission requests answered, by webhook path, verdict and reason.',
      labelNames: ['path', 'verdict', 'reason'],
      registers: [registry],
    }),
    seconds: new Histogram({
      name: 'modelroute_operator_admission_seconds',
      help: 'From the last byte of an admission request to its answer.',
      labelNames: ['path'],
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1],
      registers: [registry],
    }),
  }
}

/** When the certificates in use end; looked up at each scrape. */
export function registerExpiryGauge(registry: Registry, certificates: Certificates): void {
  const gauge = new Gauge({
    name: 'modelroute_operator_certificate_not_after_seconds',
    help: 'When the certificate in use ends, in seconds since the epoch: the leaf, and the authority that signs it.',
    labelNames: ['certificate'],
    registers: [registry],
    collect: () => {
      // The bundle begins with the authority that signs.
      gauge.set({ certificate: 'authority' }, parseCertificate(certificates.caPem()).notAfterMs / 1000)
      gauge.set({ certificate: 'leaf' }, parseCertificate(certificates.secureContextOptions().cert).notAfterMs / 1000)
    },
  })
}
