// The reader of a stream format's events, by its framing. For whoever needs to look into the events: the commit point
// and translation; streams that are passed on are only watched (event-guard.ts).
import { MAX_EVENT_BYTES, type FramingReader } from './framing.ts'
import { JsonArrayReader } from './json-array.ts'
import { NdjsonReader } from './ndjson.ts'
import { SseReader } from './sse.ts'
import type { StreamFormat } from './stream-format.ts'

export function createReader({ framing }: StreamFormat, maxEventBytes: number = MAX_EVENT_BYTES): FramingReader {
  switch (framing.name) {
    case 'sse':
      return new SseReader(maxEventBytes)
    case 'lines':
      return new NdjsonReader(maxEventBytes)
    case 'array':
      return new JsonArrayReader(maxEventBytes)
  }
}
