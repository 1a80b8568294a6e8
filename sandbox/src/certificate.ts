import { createPublicKey, generateKeyPairSync, randomBytes } from 'node:crypto';
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
  const key = privateKey.export({ type: 'pkcs1', format: 'pem' }).toString();
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = forge.pki.publicKeyFromPem(createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }).toString());
  // A serial number is positive: its first bit is 0.
  certificate.serialNumber = `01${randomBytes(15).toString('hex')}`;
  certificate.validity.notBefore = new Date(Date.now() - DAY_MS);
  certificate.validity.notAfter = new Date(Date.now() + 364 * DAY_MS);
  const self = [{ name: 'commonName', value: 'wxedge sandbox' }];
  certificate.setSubject(self);
  certificate.setIssuer(self);
  certificate.setExtensions([
    { name: 'basicConstraints', cA: false, critical: true },
    { name: 'keyUsage', digitalSignature: true, keyEncipherment: true, critical: true },
    { name: 'extKeyUsage', serverAuth: true },
    { name: 'subjectAltName', altNames: names.map((name) => (isIP(name) ? { type: IP, ip: name } : { type: DNS, value: name })) },
    { name: 'subjectKeyIdentifier' },
  ]);
  certificate.sign(forge.pki.privateKeyFromPem(key), forge.md.sha256.create());
  return { key, cert: forge.pki.certificateToPem(certificate) };
}
