// Why a stream of a proxy ended: a label of the metric and a word in the log. Orderly ends are what either side does
// when all is well; the others say who was too slow, too silent or too loud.

export type SessionEnd =
  | 'closed'
  | 'lifetime'
  | 'replaced'
  | 'stopping'
  | 'no_hello'
  | 'no_ack'
  | 'slow_reader'
  | 'line_too_long'
  | 'too_many_faults'
