// Runs the real helm, built from its Go module, on the chart of this repository.
import { fileURLToPath } from 'node:url'
import { join } from 'node:path'
import { ensureBinaries } from './kubernetes/binaries.ts'
import { type CommandResult, mustRun, runCommand } from './kubernetes/run-command.ts'

export const chartFolder = fileURLToPath(new URL('../../charts/modelroute', import.meta.url))
export const releaseNamespace = 'modelroute-system'

export interface Helm {
  (parameters: readonly string[]): Promise<CommandResult>
  /** A code other than 0 is an error; returns the standard output. */
  readonly must: (parameters: readonly string[]) => Promise<string>
}

/** With a kubeconfig it can install; without, only lint and render. */
export async function openHelm(kubeconfigPath?: string): Promise<Helm> {
  const command = join(await ensureBinaries(['helm', 'kubectl']), 'helm')
  const cluster = kubeconfigPath === undefined ? [] : ['--kubeconfig', kubeconfigPath]
  const options = { timeoutMs: 400_000 }
  const helm = (parameters: readonly string[]) => runCommand(command, [...parameters, ...cluster], options)
  const must = (parameters: readonly string[]) => mustRun(command, [...parameters, ...cluster], options)
  return Object.assign(helm, { must })
}
