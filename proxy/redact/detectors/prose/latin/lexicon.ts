// Closed lists of the Latin scanners: titles, particles, cue words and organisation words of the eight languages.
// Packed strings, split once per scanner. Written from common knowledge of the languages.

/** What latin-words.bin says of a word. */
export const FLAG = { given: 1, surname: 2, common: 4, place: 8, strongGiven: 16, strongSurname: 32 } as const

/** Bits of a cue word. */
export const CUE = {
  title: 1,
  before: 2,
  after: 4,
  placeBefore: 8,
  particle: 16,
  organisation: 32,
  calendar: 64,
  stop: 128,
} as const

export const TITLES =
  'mr mrs ms miss mx dr doctor prof professor sir dame lord lady rev reverend fr father sister brother capt captain lt lieutenant col colonel ' +
  'sgt sergeant maj major gen general judge justice senator sen rep congressman congresswoman president chancellor king queen prince princess ' +
  'herr frau hr fr dipl ing mag monsieur madame mademoiselle mme mlle m maître docteur professeur senor senora senorita sr sra srta don dona ' +
  'doctora signor signora signorina sig dott dottssa avv meneer mevrouw dhr mw mevr pan pani ks mgr inz uncle aunt coach pastor rabbi imam'

/** Words right before a name. */
export const BEFORE =
  "i'm im am named called call name name's surname by with said says told asked dear hi hello hey bye thanks regards sincerely cheers cc bcc attn contact " +
  'to from user customer client patient employee author student teacher player singer songwriter producer director actor actress ' +
  'writer poet artist commenter reporter journalist novelist lawyer attorney nurse manager ceo cto cfo founder cofounder chairman ' +
  'driver owner tenant applicant beneficiary guardian assistant secretary colleague friend boss partner kid child son daughter ' +
  'wife husband mother father mom dad brother sister cousin uncle aunt nephew niece grandfather grandmother starring directed ' +
  'written signed account neighbor neighbour meet met ask tell remember know love married dated about and under leave ' +
  'invited hired fired promoted thanked emailed phoned visited recipient sender holder cardholder witness suspect victim ' +
  'heiße heisse ich bin mein name ist kollege kollegin kunde kundin von und mit sehr geehrter geehrte lieber liebe gruß grüße ' +
  "je m'appelle suis nom est appelle client cliente chère cher avec par et cordialement " +
  'me llamo soy nombre es llama cliente querido querida estimado estimada con por saludos ' +
  'mi chiamo sono nome è chiama caro cara gentile con da saluti ' +
  'ik ben heet mijn naam is klant beste geachte met groeten ' +
  'nazywam się jestem imię nazwisko klient klientka szanowny szanowna z pozdrawiam'

/** Words right behind a name. */
export const AFTER =
  'said says told asked lives lived is was were has had will would can could should works worked wrote writes called calls replied ' +
  'answered explained added points pointed noted thinks thought believes wants wanted needs loves likes knows knew went came comes ' +
  'goes got gets shouted whispered smiled laughed began started spent named born died married joined left moved met listed flew ' +
  'and please from who whose signed sent emailed phoned plays played sings sang ' +
  'sagte sagt erklärte wohnt arbeitet hat ist war wurde schrieb meinte und geboren ' +
  'dit déclaré habite travaille est était a écrit né née explique et ' +
  'dijo dice vive trabaja es fue era ha escribió nació explicó y ' +
  'detto dice abita vive lavora è era ha scritto nato nata spiega e ' +
  'zei zegt woont werkt is was heeft schreef geboren en ' +
  'powiedział powiedziała mówi mieszka pracuje jest był była napisał napisała urodzony urodzona i'

/** Prepositions that rather stand before a place than before a person. */
export const PLACE_BEFORE =
  'in at near through across inside outside throughout toward towards into via aus nach im am bei dans à en chez vers a nel nella ' +
  'te naar w we do na the our your this that these those'

/** Small words inside a name. */
export const PARTICLES =
  'van der den de la le las los del della di da dos das do du von zu zum zur af av el al bin ibn ben ter ten op het y e ó mac mc st'

export const ORGANISATIONS =
  'inc corp corporation co company llc llp ltd limited plc gmbh ag kg se sa sarl sas srl spa bv nv oy ab as aps sp zoo holdings ' +
  'holding group bank university college school institute hospital clinic foundation association society committee council ' +
  'department ministry agency airlines airways motors systems technologies technology software solutions services industries ' +
  'partners capital ventures media records studios pictures entertainment consulting computing networks labs laboratories press ' +
  'times post journal news magazine festival museum theatre theater church cathedral hotel restaurant airport station stadium ' +
  'park river lake mountain mountains island islands valley county city town village district province state republic kingdom empire ' +
  'street avenue road boulevard lane drive highway bridge tower building center centre mall square league cup championship ' +
  'party army navy force forces police court senate parliament union universität schule krankenhaus verein université école ' +
  'société universidad escuela empresa università scuola società universiteit uniwersytet szkoła act law theorem award prize'

export const CALENDAR =
  'january february march april may june july august september october november december monday tuesday wednesday thursday friday ' +
  'saturday sunday jan feb mar apr jun jul aug sep sept oct nov dec mon tue wed thu fri sat sun januar februar märz mai juni juli ' +
  'oktober dezember montag dienstag mittwoch donnerstag freitag samstag sonntag christmas easter thanksgiving'

/** Capitalised words that are no part of a name wherever they stand: labels, languages, peoples, products' first words. */
export const STOPS =
  'name names address phone mobile email e-mail website fax tel telephone desk office date subject re fwd id user bot customer client billing shipping order ' +
  'invoice account card number personal info information contact please thank thanks note warning error todo fixme ' +
  'english french german spanish italian dutch polish chinese japanese korean russian american british canadian australian ' +
  'european african asian indian mexican brazilian google microsoft apple amazon facebook twitter github gitlab linux windows ' +
  'android kubernetes docker python java javascript typescript react angular redis postgres mysql oracle ubuntu debian ' +
  'god internet bible christian catholic muslim jewish islam united new north south east west saint mount fort lake port san santa los las ' +
  'api url http https json xml html css sql ssh tcp udp dns aws gcp ios mac pdf csv utf ascii copyright license mit bsd apache gnu'
