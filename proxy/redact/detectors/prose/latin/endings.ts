// Endings that family names of Europe's languages have and ordinary words have not: a word outside the lexicon that
// ends so is likely a name. A trie over the last letters would be faster, and these few are compared only for words
// that other evidence left open.

const ENDINGS: readonly string[] = (
  'sson sdottir sdóttir sen sson berg borg ström strøm gren lund quist qvist dahl gaard gård stad ' +
  'ov ova ev eva yev yeva ovich evich ovna evna enko ski ska sky skaya skiy cki cka czyk wicz iak czak ' +
  'ić ič vić vič šek ček ák ík ský ová ek ková szky szki nyi ffy ssy ' +
  'nen lainen lä kkonen aitis aitė ienė auskas ás ez éz iz ini elli etti ucci acci escu eanu oglu oğlu ' +
  'mann hofer bauer meier meyer stein heim sma stra ma inga veld huis bergh ' +
  'eau ault oux ard ian yan dze shvili pour zadeh'
).split(' ')

const SHORTEST = 5

/** Whether the word that ends here ends as family names do. The word's letters are before `end`. */
export function hasNameEnding(text: string, end: number): boolean {
  const from = Math.max(0, end - SHORTEST)
  if (!/^\p{L}{5}$/u.test(text.slice(from, end))) return false
  for (const ending of ENDINGS) if (ending.length > 1 && text.endsWith(ending, end)) return true
  return false
}
