// Closed lists of the Latin scanners: titles, particles, cue words and organisation words of the eight languages.
// Packed strings, split once per scanner. Written from common knowledge of the languages.

/** What latin-words.bin says of a word. */
export const FLAG = {
  given: 1,
  surname: 2,
  common: 4,
  place: 8,
  strongGiven: 16,
  strongSurname: 32,
  topGiven: 64,
} as const

/** Bits of a cue word, above those of `FLAG`: one look-up answers both. */
export const CUE = {
  title: 256,
  before: 512,
  after: 1024,
  placeBefore: 2048,
  particle: 4096,
  organisation: 8192,
  calendar: 16384,
  stop: 32768,
  wordlike: 65536,
  label: 131072,
  copula: 262144,
  /** Begins the name of a place: no name of a person goes on behind it. */
  placeStart: 524288,
  /** Greets the person named next, or names the speaker: `Dear`, `I'm`. */
  greeting: 1048576,
  /** A verb of saying before a name: `said Maria`. */
  says: 2097152,
  /** A verb behind a name that only people are the subject of. */
  human: 4194304,
  /** A language, a people or a maker. */
  maker: 8388608,
} as const

export const TITLES =
  'mr mrs ms miss mx dr doctor prof professor sir dame lord lady rev reverend fr father sister brother capt ' +
  'captain lt lieutenant col colonel ' +
  'sgt sergeant maj major gen general judge justice senator sen rep congressman congresswoman president ' +
  'chancellor king queen prince princess ' +
  'herr frau hr fr dipl ing mag monsieur madame mademoiselle mme mlle m maître docteur professeur senor senora ' +
  'senorita sr sra srta don dona ' +
  'doctora signor signora signorina sig dott dottssa avv meneer mevrouw dhr mw mevr pan pani ks mgr inz uncle ' +
  'aunt coach pastor rabbi imam'

/** Words right before a name. */
export const BEFORE =
  "i'm im am named called call name name's surname by with said says told asked dear hi hello hey bye thanks " +
  'regards sincerely cheers cc bcc attn contact ' +
  'user customer client patient employee author student founders founder actors players authors sisters ' +
  'brothers colleagues friends teacher player singer songwriter producer director actor actress ' +
  'writer poet artist commenter reporter journalist novelist lawyer attorney nurse manager ceo cto cfo founder ' +
  'cofounder chairman ' +
  'driver owner tenant applicant beneficiary guardian assistant secretary colleague friend boss partner kid ' +
  'child son daughter ' +
  'wife husband mother father mom dad brother sister cousin uncle aunt nephew niece grandfather grandmother ' +
  'starring directed ' +
  'written signed account neighbor neighbour meet met ask tell remember know love married dated under leave ' +
  'add added adding remove removed invited hired give given gave fired promoted thanked emailed phoned visited ' +
  'recipient sender holder cardholder witness suspect victim ' +
  'heiße heisse ich bin mein name ist kollege kollegin kunde kundin von und mit sehr geehrter geehrte lieber ' +
  'liebe gruß grüße ' +
  "je m'appelle suis nom est appelle client cliente chère cher avec par et cordialement " +
  'me llamo soy nombre es llama cliente querido querida estimado estimada con por saludos ' +
  'mi chiamo sono nome è chiama caro cara gentile con da saluti ' +
  'ik ben heet mijn naam is klant beste geachte met groeten ' +
  'nazywam się jestem imię nazwisko klient klientka szanowny szanowna z pozdrawiam'

/** Words right behind a name. */
export const AFTER =
  'said says told asked lives lived is was were has had will would can could should works worked wrote writes ' +
  'called calls replied ' +
  'answered explained added points pointed noted thinks thought believes wants wanted needs loves likes knows ' +
  'knew went came comes ' +
  'goes got gets shouted whispered smiled laughed began started spent named born died married joined left ' +
  'moved met listed flew ' +
  'and please from who whose signed sent emailed phoned plays played sings sang ' +
  'sagte sagt erklärte wohnt arbeitet hat ist war wurde schrieb meinte und geboren ' +
  'dit déclaré habite travaille est était a écrit né née explique et ' +
  'dijo dice vive trabaja es fue era ha escribió nació explicó y ' +
  'detto dice abita vive lavora è era ha scritto nato nata spiega e ' +
  'zei zegt woont werkt is was heeft schreef geboren en ' +
  'powiedział powiedziała mówi mieszka pracuje jest był była napisał napisała urodzony urodzona i'

/** Prepositions that rather stand before a place than before a person. */
export const PLACE_BEFORE =
  'in at near through across inside outside throughout toward towards into via aus nach im am bei dans à en ' +
  'chez vers a nel nella ' +
  'te naar w we do na the our your this that these those from originally'

/** Small words inside a name. */
export const PARTICLES =
  'van der den de la le las los del della di da dos das do du von zu zum zur af av el al bin ibn ben ter ten ' +
  'op het y e ó mac mc st'

export const ORGANISATIONS =
  'inc corp corporation co company llc llp ltd limited plc gmbh ag kg se sa sarl sas srl spa bv nv oy ab as ' +
  'aps sp zoo holdings ' +
  'holding group bank university college school institute hospital clinic foundation association society ' +
  'committee council ' +
  'department ministry agency airlines airways motors systems technologies technology software solutions ' +
  'services industries ' +
  'partners capital ventures media records studios pictures entertainment consulting computing networks labs ' +
  'laboratories press ' +
  'times post journal news magazine festival museum theatre theater church cathedral hotel restaurant airport ' +
  'station stadium ' +
  'park river lake mountain mountains island islands valley county city town village district province state ' +
  'republic kingdom empire ' +
  'street avenue road boulevard lane drive highway bridge tower building center centre mall square league cup ' +
  'championship ' +
  'investments insurance financial finance international global orchestra associates brothers bros sons ' +
  'enterprise enterprises ' +
  'energy pharma pharmaceuticals health healthcare foods logistics trading construction security data digital ' +
  'web online analytics design ' +
  'agency team fund trust club store stores shop market markets railway railways works ' +
  'party army navy force forces police court senate parliament union universität schule krankenhaus verein ' +
  'université école ' +
  'société universidad escuela empresa università scuola società universiteit uniwersytet szkoła act law ' +
  'theorem award prize'

export const CALENDAR =
  'january february march april may june july august september october november december monday tuesday ' +
  'wednesday thursday friday ' +
  'saturday sunday jan feb mar apr jun jul aug sep sept oct nov dec mon tue wed thu fri sat sun januar februar ' +
  'märz mai juni juli ' +
  'oktober dezember montag dienstag mittwoch donnerstag freitag samstag sonntag christmas easter thanksgiving'

/** Words that are no part of a name wherever they stand, even with a capital: labels, function words, technology. */
export const STOPS =
  'box name names address phone mobile email e-mail website fax tel telephone desk office date subject re fwd ' +
  'id user bot customer client billing shipping order ' +
  'invoice account card number personal info information contact please thank thanks note warning error todo fixme ' +
  'api url http https json xml html css sql ssh tcp udp dns aws gcp ios mac pdf csv utf ascii copyright ' +
  'license mit bsd apache gnu step reason min true false null'

/** Given names that are words as well: at a sentence's start they need a family name or a title. */
export const WORDLIKE_GIVEN =
  'bill will may mark grant page art rich drew pat hope faith grace joy rose dawn summer autumn april june ' +
  'august penny ruby pearl amber ' +
  'jade crystal ginger misty sunny angel christian max van guy earl duke miles chase hunter carter mason ' +
  'cooper parker taylor walker baker ' +
  'sterling dale glen forest cliff dean lance pierce wade ward chance chuck rob jack bob victor constant ' +
  'august destiny charity harmony melody ' +
  'carol holly ivy daisy iris violet olive sage basil rusty sandy stormy skip buck gene ray jay kit lane reed ' +
  'brook clay heath daily'

/** Words that name the field of a person's name, before a colon. */
export const NAME_LABELS =
  'name names fullname firstname lastname surname vorname nachname familienname nom prénom nombre apellido ' +
  'apellidos nome cognome naam voornaam ' +
  'achternaam imię nazwisko'

/** Words between such a label and the name: `my name is X`, `the name of my wife is X`. */
export const COPULAS = "is ist est es è jest was are called named heißt i'm"

/** Words that join the names of a list. */
export const CONJUNCTIONS = 'and or und oder et ou y e o ed en of i oraz'

/** First words of places and peoples' regions: `South Africa`, `San Marino`, `Fort Worth`. */
export const PLACE_STARTS =
  'united new north south east west northern southern eastern western saint st mount mt fort ft lake port san ' +
  'santa los las el la sankt bad ' +
  'nova novo villa ciudad costa rio monte puerto'

export const GREETINGS =
  "i'm im am dear hi hello hey lieber liebe geehrter geehrte chère cher querido querida estimado estimada caro " +
  'cara gentile beste geachte bin suis soy sono ben jestem'
export const SAYS = 'says said told asks asked replied sagt sagte dit dijo dice disse zei zegt powiedział mówi'
export const HUMAN =
  'lives lived shouted whispered laughed smiled giggled sighed cried married yelled screamed nodded sang wept ' +
  'resides wohnt habite vive abita woont mieszka'

/** Languages, peoples and makers: what goes on behind one is rather a product than a person. */
export const MAKERS =
  'english french german spanish italian dutch polish chinese japanese korean russian american british ' +
  'canadian australian ' +
  'european african asian indian mexican brazilian google microsoft apple amazon facebook twitter github ' +
  'gitlab linux windows ' +
  'android kubernetes docker python java javascript typescript react angular redis postgres mysql oracle ' +
  'ubuntu debian ' +
  'my the a an i we he she it they you our his her its their this that these those what who whom whose which ' +
  'how when where why ' +
  'and or but if then else so because in on at to for from with by of as is are was were be been do does did ' +
  'can could would should ' +
  'not no yes ok all any some every each more most less other another old next last first second only just ' +
  'also very too here there ' +
  'das der die ein eine und oder aber wenn ist sind im auf für bei les une des et ou mais est dans sur pour un ' +
  'los una y pero en con por ' +
  'gli ed ma per het een maar voor op w z na do nie jest dla czy od po ' +
  'god internet bible catholic muslim jewish islam '
