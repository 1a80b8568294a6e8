import { randomText } from '../crypto.ts';
import { seal } from './crypto.ts';
import type { PayEndpoint } from './endpoint.ts';
import { refused } from './errors.ts';
import { beijingTime } from './time.ts';

/** Source: 下载平台证书. A merchant that has only the public key has no certificates. */
export const certificateEndpoints: PayEndpoint[] = [
  {
    method: 'GET',
    path: '/v3/certificates',
    answer(_call, { keys }) {
      if (keys.mode === 'pubkey') throw refused('certificates_missing');
      const data = keys.certificates().map(({ serial, certificate, from, until }) => {
        const nonce = randomText(12);
        const associated_data = 'certificate';
        return {
          serial_no: serial,
          effective_time: beijingTime(from),
          expire_time: beijingTime(until),
          encrypt_certificate: {
            algorithm: 'AEAD_AES_256_GCM',
            nonce,
            associated_data,
            ciphertext: seal(certificate, keys.apiv3Key, nonce, associated_data),
          },
        };
      });
      return { data };
    },
  },
];
