// The words that say what a number is, by what they say. Data only; labels.ts reads them round a candidate.
//
// Latin words are whole words in lower case, with their accents. Han labels are listed whole and found by their
// two-character parts, so `手机号码` and `手机` are one entry. Words of one country's number stand in its own row.

/** Bits of a label group. A context is a set of them. */
export const PHONE = 1
export const CARD = 2
export const BANK = 4
/** Any number that a state, a tax office or a health service gives a person or a company. */
export const GOVERNMENT = 8
export const PASSPORT = 16
export const DRIVER = 32
export const LICENCE = 64
export const PLATE = 128
export const ADDRESS = 256
export const NEGATIVE = 512
/** Says nothing of its own, but keeps what stands before it next to the number: `no.`, `is`, `code`. */
export const FILLER = 1024
export const PERMIT = 2048
export const MILITARY = 4096
export const ACCOUNT = 8192
export const SOCIAL = 16384
/** A place as well as a phone: a label only with a colon, or behind the number. */
export const DESK = 32768
/** Numbers whose forms differ from town to town. */
export const INSURANCE = 65536

export const LATIN_LABELS: readonly (readonly [number, string])[] = [
  [
    PHONE,
    `phone phones telephone tel tél mobile mobil mob cell cellphone call calling calls called dial ring fax
    sms text texting whatsapp telegram signal landline hotline contact contacts reach answering messages message
    callback
    telefon telefonnummer handy handynummer rufnummer mobilnummer anrufen anruf festnetz
    téléphone telephone portable appelez appeler appel joindre
    teléfono telefono móvil movil celular llamar llámame llame
    cellulare chiamare chiama chiamami recapito
    telefoon telefoonnummer mobiel gsm bellen bel
    telefonu telefonie komórka komórkowy zadzwoń numeru
    telefone telemóvel ligar puhelin puhelinnumero mobilnummer msisdn voicemail`,
  ],
  [PHONE | DESK, `desk office home work`],
  [
    CARD,
    `card cards creditcard cardnumber visa mastercard amex debit credit cc pan maestro discover unionpay
    karte kartennummer kreditkarte carte tarjeta carta kaart creditcardnummer karta karty cartão`,
  ],
  [
    BANK,
    `bank aba routing rtn iban swift bic banking konto kontonummer bankleitzahl blz compte banque cuenta banco
    conto banca
    rekening rekeningnummer rachunek konta deposit wire`,
  ],
  [ACCOUNT, `account acct konto kontonummer compte cuenta conto rekening rekeningnummer rachunek`],
  [
    GOVERNMENT,
    `ssn social security national identity identification identifier insurance taxpayer tax tin vat medicare
    medicaid health
    patient provider citizen resident personal idnumber idcard nationalid ausweis ausweisnummer personalausweis
    steuernummer steuer identité identidad identità identiteit tożsamości dowód dowodu personnel sécurité
    fiscal fiscale fiscaal podatkowy kimlik henkilötunnus licencia medical`,
  ],
  [PASSPORT, `passport passports reisepass pass passnummer passeport pasaporte passaporto paspoort paszport paszportu`],
  [
    DRIVER,
    `driver drivers driving dl fahrerlaubnis führerschein fuehrerschein conduire conducir guida rijbewijs jazdy`,
  ],
  [
    LICENCE,
    `license licence licenses dl fahrerlaubnis führerschein fuehrerschein permis licencia patente rijbewijs
    prawo prawa`,
  ],
  [
    PLATE,
    `plate plates registration vehicle car kennzeichen nummernschild immatriculation matrícula matricula targa kenteken
    rejestracyjny rejestracyjna`,
  ],
  [SOCIAL, `qq wechat weixin vx wx`],
  [ADDRESS, `ip ips ipv4 ipv6 host hosts hostname server dns gateway subnet address addr client remote peer`],
  [
    NEGATIVE,
    `order orders parcel tracking shipment consignment invoice receipt ticket case trace traceid span spanid request
    requestid commit sha sha1 sha256 sha512 md5 hash checksum digest integrity ts timestamp time epoch unix nano nanos
    version ver build revision rev port ports pid loss lr accuracy size bytes length count offset line isbn issn doi sku
    asin ean upc barcode serial model part lot batch seq sequence price amount total subtotal sum usd eur gbp rmb cny
    qty quantity weight latency duration ms seed uuid guid nonce zip postcode bestellung bestellnummer rechnung
    rechnungsnummer commande facture pedido factura ordine fattura bestelling factuur zamówienie faktura`,
  ],
  [
    FILLER,
    `number numbers no nr num num. is the my of for a an code id ids and n o № numero número numéro nummer numer é ist
    est es è jest lautet value field to on at s your his her with new`,
  ],
]

export const HAN_LABELS: readonly (readonly [number, string])[] = [
  [
    PHONE,
    `手机 电话 联系 致电 拨打 座机 传真 热线 来电 号码 短信 手機 電話 聯繫 聯絡 通话 固话 携帯 打给 打過 微信同号`,
  ],
  [CARD, `卡号 银行卡 信用卡 储蓄卡 借记卡 持卡 还款卡 卡號 銀行卡`],
  [BANK, `银行 开户 对公 汇款 收款 转账 銀行 账户 帐户 户头`],
  [ACCOUNT, `账号 帐号 账户 帐户 卡号 賬號`],
  [
    GOVERNMENT,
    `身份 身份证 身份證 身分證 证件 证号 社保 医保 公积 税号 纳税 识别号 信用代码 番号 個人番号 社会保障 居住证`,
  ],
  [INSURANCE, `社保 社保号 社保卡 社保卡号 医保 医保卡 医保卡号 公积金 公积金账号 社会保障号`],
  [PASSPORT, `护照 護照`],
  [DRIVER, `驾驶 驾照 駕駛`],
  [LICENCE, `驾驶 驾照 驾驶证 駕照`],
  [PLATE, `车牌 车辆 牌照 車牌 号牌`],
  [ADDRESS, `地址 主机 服务器 网关`],
  [PERMIT, `通行证 通行 台胞 回乡 港澳 往来 居留 回鄉證 台胞證`],
  [SOCIAL, `扣扣 企鹅号`],
  [MILITARY, `军官 士兵 军人 军证 警官`],
  [
    NEGATIVE,
    `订单 单号 流水 运单 金额 合计 价格 时间 版本 型号 条码 批次 批号 端口 序列 货号 工单 发票 交易 追踪 訂單 單號`,
  ],
  [FILLER, `号码 编号 号是 码是 号为`],
]
