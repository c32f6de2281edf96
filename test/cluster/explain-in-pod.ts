// `npx modelroute explain-call --pod`, as its user runs it: the program, a kubeconfig and a call on standard input.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { ClusterConnection } from '../support/kubernetes/cluster.ts'

const PROGRAM = join(import.meta.dirname, '../../proxy/cli/modelroute.mjs')

export interface PodQuestion {
  readonly namespace: string
  readonly pod: string
  readonly call: string
}

export async function explainInPod(
  { kubeconfigPath }: ClusterConnection,
  { namespace, pod, call }: PodQuestion,
): Promise<string> {
  const options = ['explain-call', '-f', '-', '--pod', pod, '--namespace', namespace]
  const program = spawn(process.execPath, [PROGRAM, ...options], {
    env: { ...process.env, KUBECONFIG: kubeconfigPath },
  })
  program.stdin.end(call)
  const [said, complained] = await Promise.all([text(program.stdout), text(program.stderr), once(program, 'close')])
  return said + complained
}
