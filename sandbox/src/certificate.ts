import { createPublicKey, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { isIP } from 'node:net';
import forge from 'node-forge';

/** A private key and the certificate for it, both PEM. */
export type Certificate = { key: string; cert: string };

const DAY_MS = 86_400_000;
const DNS = 2;
const IP = 7;

/**
 * A certificate for these host names and addresses, valid for a year from yesterday. It is signed with its own key, which
 * can sign no other: whoever trusts it trusts these names here, and nothing else.
 */
export function selfSigned(names: string[]): Certificate {
  // Node makes the key, in a tenth of a second; forge, in plain JavaScript, would take seconds.
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const cert = ownCertificate({
    privateKey,
    // A serial number is positive: its first bit is 0.
    serial: `01${randomBytes(15).toString('hex')}`,
    from: Date.now() - DAY_MS,
    until: Date.now() + 364 * DAY_MS,
    subject: [{ name: 'commonName', value: 'wxedge sandbox' }],
    extensions: [
      { name: 'keyUsage', digitalSignature: true, keyEncipherment: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      { name: 'subjectAltName', altNames: names.map((name) => (isIP(name) ? { type: IP, ip: name } : { type: DNS, value: name })) },
    ],
  });
  return { key: pkcs1(privateKey), cert };
}

export type Terms = {
  privateKey: KeyObject;
  /** Hex; positive, so that the first bit is 0. */
  serial: string;
  /** Unix milliseconds. */
  from: number;
  until: number;
  subject: { name: string; value: string }[];
  extensions: Record<string, unknown>[];
};

/** A certificate that is signed with its own key, and can sign no other. PEM. */
export function ownCertificate({ privateKey, serial, from, until, subject, extensions }: Terms): string {
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = forge.pki.publicKeyFromPem(createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }).toString());
  certificate.serialNumber = serial;
  certificate.validity.notBefore = new Date(from);
  certificate.validity.notAfter = new Date(until);
  certificate.setSubject(subject);
  certificate.setIssuer(subject);
  certificate.setExtensions([{ name: 'basicConstraints', cA: false, critical: true }, ...extensions, { name: 'subjectKeyIdentifier' }]);
  certificate.sign(forge.pki.privateKeyFromPem(pkcs1(privateKey)), forge.md.sha256.create());
  return forge.pki.certificateToPem(certificate);
}

function pkcs1(key: KeyObject): string {
  return key.export({ type: 'pkcs1', format: 'pem' }).toString();
}
