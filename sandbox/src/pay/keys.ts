import { createPublicKey, type KeyObject } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { randomDigits, randomHex, randomText } from '../crypto.ts';
import { ControlError } from '../errors.ts';
import { newKey } from './crypto.ts';
import { CERTIFICATE_DAYS, MERCHANT_CERTIFICATES } from './limits.ts';

/** Which of WeChat Pay's keys sign: certificates, the public key, or both while a merchant moves from one to the other. */
export type KeyMode = 'pubkey' | 'grey' | 'cert';

/** Where a change of certificates is: the new one is not there yet, listed, signs too, signs alone. */
export type CertificatePhase = 'first' | 'listed' | 'both' | 'second';

/** A private key under the name that a header gives it. */
export type Signer = { serial: string; key: KeyObject };

/** A key with a certificate. */
export type Certified = Signer & {
  /** PEM. */
  certificate: string;
  /** Unix milliseconds. */
  from: number;
  until: number;
};

export const MCHID = '1900000109';

const DAY_MS = 86_400_000;

/** Keys of WeChat Pay's and of the merchant, made at the start. */
export class Keys {
  readonly publicKey: Signer;
  /** A key of nobody's, for forgeries. */
  readonly stranger: KeyObject;
  #clock: Clock;
  #first: Certified;
  #second: Certified | undefined;
  #firstMerchant: Certified;
  #merchant: Certified[];
  #firstApiv3Key = randomText(32);
  #turn = 0;
  apiv3Key = this.#firstApiv3Key;
  mode: KeyMode = 'pubkey';
  /** In mode `grey`: the share of notifications that the public key signs. */
  greyShare = 0.5;
  phase: CertificatePhase = 'first';

  static async make(clock: Clock): Promise<Keys> {
    const keys = await Promise.all([newKey(), newKey(), newKey(), newKey()]);
    const [platform, merchant] = [await certified(keys[0], platformTerms(clock)), await certified(keys[1], merchantTerms(clock))];
    return new Keys(clock, platform, merchant, keys[2], keys[3]);
  }

  constructor(clock: Clock, platform: Certified, merchant: Certified, publicKey: KeyObject, stranger: KeyObject) {
    this.#clock = clock;
    this.#first = platform;
    this.#firstMerchant = merchant;
    this.#merchant = [merchant];
    this.publicKey = { serial: `PUB_KEY_ID_01${MCHID}${randomDigits(22)}`, key: publicKey };
    this.stranger = stranger;
  }

  /** WeChat Pay's certificates that are known to the merchant now, the one that ends last behind. */
  certificates(): Certified[] {
    if (!this.#second || this.phase === 'first') return [this.#first];
    return this.phase === 'second' ? [this.#second] : [this.#first, this.#second];
  }

  /** The key that signs an answer to a request that names `wanted` in `Wechatpay-Serial`. Source: 微信支付公钥切换指引. */
  ofAnswer(wanted: string | undefined): Signer {
    if (this.mode === 'pubkey') return this.publicKey;
    if (this.mode === 'grey' && wanted === this.publicKey.serial) return this.publicKey;
    return this.#signingCertificate();
  }

  /** The key that signs a notification. */
  ofNotification(): Signer {
    const byPublicKey = this.mode === 'pubkey' || (this.mode === 'grey' && Math.random() < this.greyShare);
    return byPublicKey ? this.publicKey : this.#signingCertificate();
  }

  /** WeChat Pay's key of that serial or id. */
  platformKey(serial: string): KeyObject | undefined {
    return [this.publicKey, this.#first, ...(this.#second ? [this.#second] : [])].find((signer) => signer.serial === serial)?.key;
  }

  /** The merchant's newest certificate. */
  get merchant(): Certified {
    return this.#merchant.at(-1) ?? this.#firstMerchant;
  }

  /** The merchant's public key of that serial. */
  merchantKey(serial: string): KeyObject | undefined {
    const found = this.#merchant.find((certificate) => certificate.serial === serial);
    return found && createPublicKey(found.key);
  }

  /** The merchant's public keys, of all its certificates. */
  merchantKeys(): KeyObject[] {
    return this.#merchant.map(({ key }) => createPublicKey(key));
  }

  async addMerchantCertificate(): Promise<Certified> {
    if (this.#merchant.length >= MERCHANT_CERTIFICATES) {
      throw new ControlError(`a merchant has at most ${MERCHANT_CERTIFICATES} certificates; remove one`, 409);
    }
    const added = await certified(await newKey(), merchantTerms(this.#clock));
    this.#merchant.push(added);
    return added;
  }

  removeMerchantCertificate(serial: string): void {
    if (!this.#merchant.some((certificate) => certificate.serial === serial)) {
      throw new ControlError(`serial_no: the merchant has no certificate ${serial}`, 404);
    }
    if (this.#merchant.length === 1) throw new ControlError('serial_no: the last certificate stays', 409);
    this.#merchant = this.#merchant.filter((certificate) => certificate.serial !== serial);
  }

  async setPhase(phase: CertificatePhase): Promise<void> {
    if (phase !== 'first') this.#second ??= await certified(await newKey(), platformTerms(this.#clock));
    this.phase = phase;
  }

  /** Puts all back as it was at the start, with the same first keys. */
  reset(): void {
    this.#second = undefined;
    this.#merchant = [this.#firstMerchant];
    this.apiv3Key = this.#firstApiv3Key;
    this.mode = 'pubkey';
    this.greyShare = 0.5;
    this.phase = 'first';
    this.#turn = 0;
  }

  #signingCertificate(): Certified {
    if (!this.#second || this.phase === 'first' || this.phase === 'listed') return this.#first;
    if (this.phase === 'second') return this.#second;
    this.#turn += 1;
    return this.#turn % 2 === 0 ? this.#first : this.#second;
  }
}

type Subject = { serial: string; from: number; until: number; subject: { name: string; value: string }[] };

/** The serial begins with a 0, which is lost where the number is printed. */
function platformTerms(clock: Clock): Subject {
  return { serial: `0${1 + Math.floor(Math.random() * 7)}${randomHex(19)}`, ...years(clock), subject: names('Tenpay.com sign') };
}

/** The name of a merchant's certificate is its number. */
function merchantTerms(clock: Clock): Subject {
  return { serial: `${1 + Math.floor(Math.random() * 7)}${randomHex(20).slice(1)}`, ...years(clock), subject: names(MCHID) };
}

function years(clock: Clock): { from: number; until: number } {
  // A certificate counts in whole seconds.
  const from = clock.seconds() * 1000 - DAY_MS;
  return { from, until: from + CERTIFICATE_DAYS * DAY_MS };
}

function names(common: string): { name: string; value: string }[] {
  return [
    { name: 'commonName', value: common },
    { name: 'organizationName', value: 'wxedge sandbox' },
  ];
}

async function certified(key: KeyObject, terms: Subject): Promise<Certified> {
  // Loaded where it is needed: what makes certificates is most of what the sandbox would load.
  const { ownCertificate } = await import('../certificate.ts');
  const certificate = ownCertificate({
    privateKey: key,
    ...terms,
    extensions: [{ name: 'keyUsage', digitalSignature: true, critical: true }],
  });
  return { serial: terms.serial.toUpperCase(), key, certificate, from: terms.from, until: terms.until };
}
