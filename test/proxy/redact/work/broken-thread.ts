// The thread that masks, with detection that breaks on words of the test's own: it loops, throws, or ends the thread.
import { workerData } from 'node:worker_threads'
import { createBodyWork } from '../../../../proxy/redact/work/create-body-work.ts'
import type { ThreadData } from '../../../../proxy/redact/work/messages.ts'
import { serveWork } from '../../../../proxy/redact/work/serve-work.ts'
import { detectPlainly } from '../plain-detection.ts'

await serveWork(workerData as ThreadData, (parts) =>
  createBodyWork({
    ...parts,
    compile: () => ({ isEnabled: () => true, scanners: [], enabled: [] }),
    detect: (text) => {
      for (;;) if (!text.includes('never returns')) break
      if (text.includes('throws')) throw new Error(text)
      if (text.includes('ends the thread')) process.exit(1)
      return detectPlainly(text)
    },
  }),
)
