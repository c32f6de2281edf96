// Country codes (ISO 3166) that banks' identifiers carry; labelled.ts and the rows of BIC ask for them.
// Lengths of account numbers stand in iban.ts.

const COUNTRIES = `AD AE AL AT AU AZ BA BE BG BH BR BY CA CH CL CN CO CR CY CZ DE DK DO EE EG ES FI FO FR GB GE GI
  GL GR GT HK HR HU ID IE IL IN IQ IS IT JO JP KR KW KZ LB LI LT LU LV LY MA MC MD ME MK MO MR MT MU MX MY NL NO NZ
  PE PH PK PL PS PT QA RO RS RU SA SC SE SG SI SK SM TH TL TN TR TW UA US VA VG VN XK ZA`

export function isCountry(first: number, second: number): boolean {
  return COUNTRIES.includes(String.fromCharCode(first, second)) && first > 0x40
}
