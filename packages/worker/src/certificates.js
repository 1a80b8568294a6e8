// Whom the Worker believes about who others are.
import { readFile } from 'node:fs/promises';
import { rootCertificates } from 'node:tls';

import { Failure } from './failure.js';

/** Where systems keep theirs, in one file: Debian, Red Hat, SUSE, Alpine and macOS. */
const stores = ['/etc/ssl/certs/ca-certificates.crt', '/etc/pki/tls/certs/ca-bundle.crt', '/etc/ssl/ca-bundle.pem', '/etc/ssl/cert.pem'];

/**
 * The certificates to trust, in PEM: those of SSL_CERT_FILE, else of the system's store, else those that Node brings; and those of
 * NODE_EXTRA_CA_CERTS.
 *
 * @returns {Promise<string[]>}
 */
export async function trustedCertificates({ SSL_CERT_FILE: instead, NODE_EXTRA_CA_CERTS: extra } = process.env) {
  const trusted = instead ? await ofFile('SSL_CERT_FILE', instead) : await ofSystem();
  return extra ? [...trusted, ...(await ofFile('NODE_EXTRA_CA_CERTS', extra))] : trusted;
}

async function ofSystem() {
  for (const store of stores) {
    const found = certificatesIn(await readFile(store, 'utf8').catch(() => ''));
    if (found.length > 0) return found;
  }
  return [...rootCertificates];
}

async function ofFile(name, file) {
  const text = await readFile(file, 'utf8').catch((error) => {
    throw new Failure(`${name} names ${file}, which cannot be read (${error.code}).`);
  });
  const found = certificatesIn(text);
  if (found.length === 0) throw new Failure(`${name} names ${file}, which holds no certificate in PEM.`);
  return found;
}

const certificatesIn = (text) => text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
