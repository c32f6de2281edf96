// Reads the yaml files of a folder, again and again: only what changed is read, and what cannot be read keeps the
// content it had last. Knows nothing of resources; files.ts gives it time and keeps what it returns.
//
//   readFolder(previous) -> per file: documents (new, or the last good ones) and what is wrong with it now
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { FileFault } from './folder-objects.ts'
import { MAX_YAML_BYTES, parseYamlDocuments } from './yaml-documents.ts'

/** A file that became empty or went away must stay so this long: many editors truncate or rename first. */
export const VANISH_MS = 250
/** More files are not read; the folder was hardly meant. */
export const MAX_FILES = 1_000

export interface FolderFile {
  /** Equal while the file is: size, times and inode. `''` for an empty file. */
  readonly stamp: string
  readonly documents: readonly unknown[]
  readonly fault: FileFault | null
  /** When it was first seen gone or empty; null while it has content. */
  readonly vanishedMs: number | null
}

export type FolderFiles = ReadonlyMap<string, FolderFile>

export interface FolderReading {
  readonly folder: string
  readonly previous: FolderFiles
  readonly nowMs: number
}

/** Rejects when the folder itself cannot be listed. */
export async function readFolder({ folder, previous, nowMs }: FolderReading): Promise<FolderFiles> {
  const entries = await readdir(folder, { recursive: true })
  const present = entries
    .filter((path) => /\.(ya?ml|json)$/.test(path))
    .toSorted()
    .slice(0, MAX_FILES)
  const files = new Map<string, FolderFile>()
  for (const path of new Set([...present, ...previous.keys()])) {
    const file = await readOne({ folder, path, before: previous.get(path), nowMs })
    if (file) files.set(path, file)
  }
  return files
}

interface OneFile {
  readonly folder: string
  readonly path: string
  readonly before: FolderFile | undefined
  readonly nowMs: number
}

/** Null: there is no such file, and there has been none for a while. */
async function readOne({ folder, path, before, nowMs }: OneFile): Promise<FolderFile | null> {
  const full = join(folder, path)
  const entry = await stat(full).catch(() => null)
  if (entry && !entry.isFile()) return null
  if (!entry || entry.size === 0) return vanished(before, { isGone: !entry, nowMs })
  const stamp = [entry.size, entry.mtimeMs, entry.ctimeMs, entry.ino].join(' ')
  if (before?.stamp === stamp && before.vanishedMs === null) return before
  const keep = { stamp, documents: before?.documents ?? [], vanishedMs: null }
  if (entry.size > MAX_YAML_BYTES) return { ...keep, fault: { file: path, line: null, message: tooLarge(entry.size) } }
  const text = await readFile(full, 'utf8').catch((error: unknown) => ({ error: String(error) }))
  if (typeof text !== 'string') return { ...keep, fault: { file: path, line: null, message: text.error } }
  const parsed = parseYamlDocuments(text)
  if (parsed.kind === 'documents') return { ...keep, documents: parsed.documents, fault: null }
  return { ...keep, fault: { file: path, line: parsed.line, message: parsed.message } }
}

function vanished(before: FolderFile | undefined, now: { isGone: boolean; nowMs: number }): FolderFile | null {
  const settled = now.isGone ? null : { stamp: '', documents: [], fault: null, vanishedMs: null }
  if (!before || before.stamp === '') return settled
  const vanishedMs = before.vanishedMs ?? now.nowMs
  return now.nowMs - vanishedMs < VANISH_MS ? { ...before, vanishedMs } : settled
}

function tooLarge(sizeBytes: number): string {
  return `${sizeBytes} bytes are more than the limit of ${MAX_YAML_BYTES}`
}
