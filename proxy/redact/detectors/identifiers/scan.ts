// The scanner of identifiers: one pass over the text that stops at triggers and asks a reader what starts there.

import type { Detection, ScanScope } from '../detection.ts'

export function scanIdentifiers(text: string, found: Detection[], scope: ScanScope): void {
  if (text.length > 0 && scope.isEnabled('Email')) found.push()
}
