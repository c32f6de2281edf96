// Words of postal addresses in the eight languages and their neighbours: kinds of streets, units, boxes, countries and
// the words that announce an address. Packed strings, split once per scanner.

/** Words that are a kind of street, before or behind its name. */
export const STREET_WORDS =
  'street st road rd avenue ave av boulevard blvd lane ln drive dr court ct place pl square sq terrace ter way ' +
  'close crescent cres highway hwy ' +
  'parkway pkwy circle cir trail trl loop row alley mews gardens grove hill rise walk wharf quay turnpike ' +
  'expressway freeway crossing plaza path ' +
  'rue chemin allée allee impasse quai route cours faubourg sentier venelle passage ' +
  'via viale piazza piazzale corso largo vicolo strada lungomare contrada calle avenida avda paseo plaza ' +
  'carrer carretera ronda camino glorieta ' +
  'rua travessa praça praca alameda estrada rodovia ul ulica al aleja aleje pl plac os osiedle ' +
  'straße strasse str gasse weg platz allee ring ufer damm chaussee straat laan weg plein gracht kade dreef ' +
  'steenweg singel ' +
  'gata gatan gate gade vej vei väg vägen katu tie tee tänav mnt puiestee utca tér u út ulice náměstí rkp cesta trg'

/** Endings of one-word street names. */
export const STREET_ENDINGS =
  'straße strasse str straat gata gatan gaten gade vej vejen veien vägen väg vei weg allee platz plein laan ' +
  'gasse ufer damm chaussee katu ' +
  'kuja polku gracht kade dreef steenweg singel stræti straeti gränd stigen torget bakken berget vænget ' +
  'terrasse brücke'

export const UNIT_WORDS =
  'apt apartment suite ste unit floor fl flat room rm wohnung appartement appt bâtiment bât étage piso puerta ' +
  'interno scala appartamento ' +
  'lokal mieszkanie verdieping building bldg lot'

export const BOX_WORDS = 'box psc postfach apartado postbus bp cp skrytka casella postale pobox'

export const COUNTRIES =
  'usa us uk england scotland wales ireland germany deutschland france spain españa italy italia netherlands ' +
  'nederland belgium belgië belgique ' +
  'luxembourg austria österreich switzerland schweiz suisse poland polska denmark danmark sweden sverige ' +
  'norway norge finland suomi iceland ' +
  'estonia latvia lithuania czechia czech slovakia slovenia hungary croatia serbia romania bulgaria greece ' +
  'cyprus portugal brazil brasil ' +
  'argentina uruguay chile peru colombia mexico méxico canada australia zealand japan china india russia ' +
  'ukraine turkey israel africa greenland ' +
  'kingdom states republic tunisia singapore korea'

/** Words that announce an address within the few words before it. */
export const ADDRESS_CUES =
  'address addresses lives live living lived reside resides located location office offices meet send sent ' +
  'ship shipped deliver delivered delivery return ' +
  'returned arrived moved taxi drops drop mail mailed visit station headquarters headquartered billing ' +
  'shipping following stop corner side ' +
  'adresse anschrift wohnt wohne wohnhaft lieferung liefern habite habitons domicilié demeurant livrer vive ' +
  'vivo dirección domicilio envíe ' +
  'abita abito indirizzo residente spedire woont woon adres bezorgen mieszka mieszkam zamieszkały zamieszkała ' +
  'wysłać restaurant'

/** Small words inside the name of a street or a town. */
export const STREET_JOINTS =
  'des du de la le les l of the den dem der die am an im auf in nad pod pri og dos das do da del della dei ' +
  'degli di lès sur sous aux à y e van ten ter op'
