// From rows of the file of the deferred calls to what the proxy knows of them: what is needed to send a job, and what
// its application is told. Pure.
import type { SQLOutputValue } from 'node:sqlite'
import type { DueJob, JobState, JobStatus } from './job.ts'

export type Row = Record<string, SQLOutputValue>

export function withinBytes(jobs: readonly DueJob[], maxBytes: number): readonly DueJob[] {
  let sizeBytes = 0
  return jobs.filter(({ body }, index) => {
    sizeBytes += body.length
    return index === 0 || sizeBytes <= maxBytes
  })
}

export function toDue(row: Row): DueJob {
  return {
    id: String(row['id']),
    route: String(row['route']),
    sendBy: row['send_by'] === 'BatchApi' ? 'BatchApi' : 'OffPeak',
    grouping: String(row['grouping']),
    url: String(row['url']),
    rawHeaders: JSON.parse(String(row['headers'])) as readonly string[],
    body: bytesOf(row['body']),
    createdAtMs: Number(row['created_at']),
    expiresAtMs: Number(row['expires_at']),
    tries: Number(row['tries']),
  }
}

export function toStatus(row: Row): JobStatus {
  const time = (name: string) => (row[name] === null ? null : Number(row[name]))
  const sentBy = row['sent_by']
  return {
    id: String(row['id']),
    state: String(row['state']) as JobState,
    route: String(row['route']),
    url: String(row['url']),
    createdAtMs: Number(row['created_at']),
    expiresAtMs: Number(row['expires_at']),
    sentBy: sentBy === 'batch' || sentBy === 'call' ? sentBy : null,
    finishedAtMs: time('finished_at'),
    goneAtMs: time('gone_at'),
    status: row['state'] === 'done' ? time('status') : null,
  }
}

export function text(value: SQLOutputValue | undefined): string {
  return typeof value === 'string' ? value : ''
}

export function bytesOf(value: SQLOutputValue | undefined): Uint8Array {
  return value instanceof Uint8Array ? value : new Uint8Array()
}
