// Rounds of A B C, A B C, ...: whatever disturbs the machine for a while disturbs all subjects alike, so the medians
// of one run can be divided by each other. Figures of two runs cannot.
import { measure, warmUp } from './measure.ts'
import type { Figures, Timing } from './measure.ts'
import { median } from './load/samples.ts'
import { pidsOf, residentMb } from './process-tree.ts'
import type { Subject } from './subjects/subject.ts'

export interface Measured {
  readonly name: string
  readonly idleMb: number
  readonly medians: Figures
  readonly rounds: readonly Figures[]
}

export interface ComparisonPlan {
  readonly subjects: readonly Subject[]
  readonly rounds: number
  readonly timing: Timing
  readonly onProgress: (sentence: string) => void
}

export async function compare(plan: ComparisonPlan): Promise<Measured[]> {
  const idle = plan.subjects.map(({ pid }) => (pid === null ? 0 : residentMb(pidsOf(pid))))
  for (const subject of plan.subjects) await warmUp(subject, plan.timing)
  const results: Figures[][] = plan.subjects.map(() => [])
  for (let round = 1; round <= plan.rounds; round += 1) {
    plan.onProgress(`round ${round} of ${plan.rounds}`)
    for (const [index, subject] of plan.subjects.entries()) {
      results[index]?.push(await measure(subject, plan.timing))
    }
  }
  return plan.subjects.map(({ name }, index) => {
    const rounds = results[index] ?? []
    return { name, idleMb: idle[index] ?? 0, medians: mediansOf(rounds), rounds }
  })
}

function mediansOf(rounds: readonly Figures[]): Figures {
  const [first] = rounds
  if (first === undefined) throw new Error('no round was run')
  const names = Object.keys(first) as (keyof Figures)[]
  const entries = names.map((name) => [name, median(rounds.map((round) => round[name]))] as const)
  return Object.fromEntries(entries) as Record<keyof Figures, number>
}
