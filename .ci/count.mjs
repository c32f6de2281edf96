// Adds up the suites' JSON reports and prints the closing line. Fails when a suite left no report, ran nothing, had a
// failure, or skipped a test.   usage: node .ci/count.mjs FOLDER SUITE...
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const [folder, ...suites] = process.argv.slice(2)
const total = { passed: 0, failed: 0, skipped: 0 }
let isGood = true

for (const suite of suites) {
  const report = readReport(suite)
  if (report === null || report.numTotalTests === 0) {
    console.log(`${suite}: no test ran`)
    total.failed += 1
    isGood = false
    continue
  }
  const skipped = report.numPendingTests + report.numTodoTests
  // A file that fails outside its tests has no failed test of its own.
  const failed = Math.max(report.numFailedTests, report.success ? 0 : 1)
  console.log(`${suite}: ${report.numPassedTests} of ${report.numTotalTests} passed`)
  total.passed += report.numPassedTests
  total.failed += failed
  total.skipped += skipped
  if (failed > 0 || skipped > 0) isGood = false
}

console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`)
process.exit(isGood ? 0 : 1)

function readReport(suite) {
  try {
    return JSON.parse(readFileSync(join(folder, `${suite}.json`), 'utf8'))
  } catch {
    return null
  }
}
