// Names the folder where built tools and images are kept between test runs.
// It lies outside the checkout, so that a fresh clone on the same machine starts warm.
import { homedir } from 'node:os'
import { join } from 'node:path'

export function cacheFolder(environment: NodeJS.ProcessEnv = process.env): string {
  if (environment['MODELROUTE_CACHE']) return environment['MODELROUTE_CACHE']
  const base = environment['XDG_CACHE_HOME'] || join(homedir(), '.cache')
  return join(base, 'modelroute')
}
