// Settings of payment that are sound and lead nowhere: the throw-away keys of the vectors.
import { readFileSync } from 'node:fs';

type Keys = {
  mchid: string;
  apiv3_key: string;
  merchant: { serial_no: string; private_key_pkcs8_pem: string };
  platform_public_key_mode: { public_key_id: string; public_key_spki_pem: string };
};

const file = new URL('../../crates/pay/tests/data/vectors.json', import.meta.url);
export const vectors = JSON.parse(readFileSync(file, 'utf8')) as { keys: Keys & { appid: string } } & Record<string, never>;
const { keys } = vectors;

/** Nobody listens on port 1. */
export const payVars = {
  PAY_MCHID: keys.mchid,
  PAY_CERT_SERIAL: keys.merchant.serial_no,
  PAY_PRIVATE_KEY: keys.merchant.private_key_pkcs8_pem,
  PAY_APIV3_KEY: keys.apiv3_key,
  PAY_PUBLIC_KEY_ID: keys.platform_public_key_mode.public_key_id,
  PAY_PUBLIC_KEY: keys.platform_public_key_mode.public_key_spki_pem,
  PAY_API_BASE: 'http://127.0.0.1:1',
  PUBLIC_URL: 'http://localhost:8787',
};
