// The file in which deferred calls rest: every step of a job's life as one transaction. Synchronous, so it runs in a
// thread of its own (jobs-thread.ts). A damaged file is put aside and another begun: what cannot be read cannot be
// sent.
import { mkdirSync, renameSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import {
  MAX_HELD_BYTES,
  MAX_JOBS,
  type DueJob,
  type JobAnswer,
  type JobState,
  type JobStatus,
  type NewJob,
  type SentBatch,
} from './job.ts'
import { bytesOf, text, toDue, toStatus, withinBytes, type Row } from './jobs-rows.ts'
import { prepareFile } from './jobs-schema.ts'

export type Added =
  | { readonly kind: 'added' }
  /** Under the same idempotency key; the fingerprint says whether it is the same call. */
  | { readonly kind: 'known'; readonly id: string; readonly fingerprint: string }
  | { readonly kind: 'full' }

/** A wish to send: at most so many, and so many bytes, in one group. */
export interface DueWish {
  readonly nowMs: number
  readonly maxJobs: number
  readonly maxBytes: number
}

export interface Finish extends JobAnswer {
  readonly id: string
  readonly sentBy: 'batch' | 'call'
  readonly nowMs: number
}

export interface JobsBounds {
  readonly maxJobs: number
  readonly maxHeldBytes: number
}

const BOUNDS: JobsBounds = { maxJobs: MAX_JOBS, maxHeldBytes: MAX_HELD_BYTES }

const ENDED = "('done', 'cancelled', 'expired')"

export class JobsFile {
  readonly #database: DatabaseSync
  readonly #bounds: JobsBounds

  private constructor(database: DatabaseSync, bounds: JobsBounds) {
    this.#database = database
    this.#bounds = bounds
  }

  /** `onPutAside`: a file that could not be used is under that name now. */
  static open(path: string, onPutAside: (asidePath: string) => void, bounds: JobsBounds = BOUNDS): JobsFile {
    mkdirSync(dirname(path), { recursive: true })
    try {
      return JobsFile.#openNow(path, bounds)
    } catch {
      const aside = `${path}.damaged`
      for (const end of ['', '-wal', '-shm']) rmSync(`${aside}${end}`, { force: true })
      renameSync(path, aside)
      for (const end of ['-wal', '-shm']) rmSync(`${path}${end}`, { force: true })
      onPutAside(aside)
      return JobsFile.#openNow(path, bounds)
    }
  }

  static #openNow(path: string, bounds: JobsBounds): JobsFile {
    const database = new DatabaseSync(path)
    try {
      prepareFile(database)
    } catch (error) {
      database.close()
      throw error
    }
    const file = new JobsFile(database, bounds)
    // Whoever was sending them is gone.
    file.#run("UPDATE job SET state = 'waiting' WHERE state = 'sending'")
    return file
  }

  add(job: NewJob): Added {
    return this.#together(() => {
      const known = this.#one('SELECT id, fingerprint FROM job WHERE route = ? AND idempotency_key = ?', [
        job.route,
        job.idempotencyKey,
      ])
      if (known !== null) return { kind: 'known', id: String(known['id']), fingerprint: String(known['fingerprint']) }
      const held = this.#one(
        'SELECT count(*) AS jobs, total(length(body) + ifnull(length(answer), 0)) AS bytes FROM job',
      )
      const { maxJobs, maxHeldBytes } = this.#bounds
      if (Number(held?.['jobs']) >= maxJobs || Number(held?.['bytes']) + job.body.length > maxHeldBytes)
        return { kind: 'full' }
      this.#insert(job)
      return { kind: 'added' }
    })
  }

  status(id: string): JobStatus | null {
    const row = this.#one('SELECT * FROM job WHERE id = ?', [id])
    return row === null ? null : toStatus(row)
  }

  answer(id: string): JobAnswer | null {
    const row = this.#one("SELECT status, content_type, answer FROM job WHERE id = ? AND state = 'done'", [id])
    if (row === null) return null
    return { status: Number(row['status']), contentType: String(row['content_type']), body: bytesOf(row['answer']) }
  }

  /** What is under way goes on at the provider; its answer is thrown away. */
  cancel({ id, nowMs }: { readonly id: string; readonly nowMs: number }): JobStatus | null {
    this.#end('cancelled', nowMs, ['id = ?', id])
    // Perhaps nobody waits for its batch any more.
    this.#run('UPDATE batch SET look_at = ? WHERE id = (SELECT batch FROM job WHERE id = ?)', [nowMs, id])
    return this.status(id)
  }

  /** One group of jobs that is due, with those that may go along; they are `sending` now. Empty: none is due. */
  takeDue({ nowMs, maxJobs, maxBytes }: DueWish): readonly DueJob[] {
    return this.#together(() => {
      const due = "state = 'waiting' AND due_at <= ?"
      const first = this.#one(`SELECT id, send_by, grouping FROM job WHERE ${due} ORDER BY due_at LIMIT 1`, [nowMs])
      if (first === null) return []
      const rows =
        first['send_by'] === 'BatchApi'
          ? this.#all(
              `SELECT * FROM job WHERE state = 'waiting' AND send_by = 'BatchApi' AND grouping = ?
               ORDER BY due_at LIMIT ?`,
              [text(first['grouping']), maxJobs],
            )
          : this.#all('SELECT * FROM job WHERE id = ?', [text(first['id'])])
      const taken = withinBytes(rows.map(toDue), maxBytes)
      for (const { id } of taken) this.#run("UPDATE job SET state = 'sending' WHERE id = ?", [id])
      return taken
    })
  }

  /** The provider has taken them as one batch. */
  sent({ ids, batch, lookAtMs }: { ids: readonly string[]; batch: Omit<SentBatch, 'id'>; lookAtMs: number }): void {
    this.#together(() => {
      const { remoteId, grouping, createdAtMs } = batch
      const made = this.#one(
        'INSERT INTO batch (remote_id, grouping, created_at, look_at) VALUES (?, ?, ?, ?) RETURNING id',
        [remoteId, grouping, createdAtMs, lookAtMs],
      )
      for (const id of ids) {
        this.#run("UPDATE job SET state = 'sent', sent_by = 'batch', batch = ? WHERE id = ? AND state = 'sending'", [
          Number(made?.['id']),
          id,
        ])
      }
    })
  }

  /** They wait again; `isTry`: sending them was tried, and `sendBy` may be another way from now on. */
  postpone(wish: { ids: readonly string[]; dueAtMs: number; isTry: boolean; sendBy?: NewJob['sendBy'] }): void {
    this.#together(() => {
      for (const id of wish.ids) {
        this.#run(
          `UPDATE job SET state = 'waiting', batch = NULL, sent_by = NULL, due_at = ?, tries = tries + ?,
           send_by = ifnull(?, send_by) WHERE id = ? AND state IN ('sending', 'sent')`,
          [wish.dueAtMs, wish.isTry ? 1 : 0, wish.sendBy ?? null, id],
        )
      }
    })
  }

  /** Calls of a rule whose time of the day has not come. */
  rest({ route, nowMs, dueAtMs }: { readonly route: string; readonly nowMs: number; readonly dueAtMs: number }): void {
    const where = "state = 'waiting' AND send_by = 'OffPeak' AND route = ? AND due_at <= ?"
    this.#run(`UPDATE job SET due_at = ? WHERE ${where}`, [dueAtMs, route, nowMs])
  }

  /** Of jobs that nobody has cancelled meanwhile. */
  finish(finishes: readonly Finish[]): void {
    this.#together(() => {
      for (const { id, status, contentType, body, sentBy, nowMs } of finishes) {
        this.#run(
          `UPDATE job SET status = ?, content_type = ?, answer = ?, sent_by = ? WHERE id = ? AND state NOT IN ${ENDED}`,
          [status, contentType, body, sentBy, id],
        )
        this.#end('done', nowMs, ['id = ?', id])
      }
    })
  }

  batchesToLookAt(nowMs: number): readonly SentBatch[] {
    return this.#all('SELECT * FROM batch WHERE look_at <= ? ORDER BY look_at LIMIT 100', [nowMs]).map((row) => ({
      id: Number(row['id']),
      remoteId: String(row['remote_id']),
      grouping: String(row['grouping']),
      createdAtMs: Number(row['created_at']),
    }))
  }

  lookAgain({ id, lookAtMs }: { readonly id: number; readonly lookAtMs: number }): void {
    this.#run('UPDATE batch SET look_at = ? WHERE id = ?', [lookAtMs, id])
  }

  /** The jobs of a batch that have no answer, and how many of them somebody still waits for. */
  openJobsOf(batch: number): readonly string[] {
    return this.#all("SELECT id FROM job WHERE batch = ? AND state = 'sent'", [batch]).map((row) => String(row['id']))
  }

  endBatch(id: number): void {
    this.#together(() => {
      this.#run('DELETE FROM batch WHERE id = ?', [id])
      this.#run('UPDATE job SET batch = NULL WHERE batch = ?', [id])
    })
  }

  /** Ends what took too long and forgets what was kept for long enough. */
  sweep(nowMs: number): void {
    this.#together(() => {
      this.#end('expired', nowMs, ['expires_at <= ?', nowMs])
      this.#run('DELETE FROM job WHERE gone_at <= ?', [nowMs])
    })
  }

  /** When there is something to do again; null: never, as it is now. */
  nextAtMs(): number | null {
    const row = this.#one(`SELECT min(at) AS at FROM (
      SELECT min(due_at) AS at FROM job WHERE state = 'waiting' UNION ALL
      SELECT min(look_at) FROM batch UNION ALL
      SELECT min(expires_at) FROM job WHERE state NOT IN ${ENDED} UNION ALL
      SELECT min(gone_at) FROM job)`)
    return row?.['at'] === null || row === null ? null : Number(row['at'])
  }

  counts(): Readonly<Record<string, number>> {
    const rows = this.#all('SELECT state, count(*) AS jobs FROM job GROUP BY state')
    return Object.fromEntries(rows.map((row) => [String(row['state']), Number(row['jobs'])]))
  }

  close(): void {
    this.#database.close()
  }

  #insert(job: NewJob): void {
    this.#run(
      `INSERT INTO job (id, state, route, send_by, grouping, url, headers, body, idempotency_key, fingerprint,
         created_at, due_at, expires_at, keep_ms) VALUES (?, 'waiting', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      [
        job.id,
        job.route,
        job.sendBy,
        job.grouping,
        job.url,
        JSON.stringify(job.rawHeaders),
        job.body,
        job.idempotencyKey,
        job.fingerprint,
        job.createdAtMs,
        job.dueAtMs,
        job.expiresAtMs,
        job.keepMs,
      ],
    )
  }

  /** The call itself is not needed any more. */
  #end(state: JobState, nowMs: number, [where, value]: readonly [string, string | number]): void {
    this.#run(
      `UPDATE job SET state = ?, finished_at = ?, gone_at = ? + keep_ms, body = x''
       WHERE ${where} AND state NOT IN ${ENDED}`,
      [state, nowMs, nowMs, value],
    )
  }

  #together<Result>(work: () => Result): Result {
    this.#database.exec('BEGIN IMMEDIATE')
    try {
      const result = work()
      this.#database.exec('COMMIT')
      return result
    } catch (error) {
      this.#database.exec('ROLLBACK')
      throw error
    }
  }

  #run(sql: string, values: readonly SQLInputValue[] = []): void {
    this.#database.prepare(sql).run(...values)
  }

  #one(sql: string, values: readonly SQLInputValue[] = []): Row | null {
    return this.#database.prepare(sql).get(...values) ?? null
  }

  #all(sql: string, values: readonly SQLInputValue[] = []): readonly Row[] {
    return this.#database.prepare(sql).all(...values)
  }
}
