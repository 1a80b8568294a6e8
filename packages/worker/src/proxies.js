// Whose word about the address of a client is believed.
import ipaddr from 'ipaddr.js';

import { Failure } from './failure.js';

const loopback = ['127.0.0.0/8', '::1/128'];

/**
 * Reads --trust-proxy: addresses and networks, `loopback`, or `none`.
 *
 * @param {string} list separated by commas
 * @returns {string[]} networks
 */
export function readProxies(list) {
  if (list === 'none') return [];
  return list.split(',').flatMap((entry) => (entry.trim() === 'loopback' ? loopback : network(entry.trim())));
}

function network(entry) {
  if (ipaddr.isValidCIDR(entry)) return [entry];
  if (!ipaddr.isValid(entry) || /^\d+$/.test(entry)) {
    throw new Failure(`--trust-proxy: "${entry}" is no address, network such as 10.0.0.0/8, loopback or none.`);
  }
  return [`${entry}/${ipaddr.parse(entry).kind() === 'ipv4' ? 32 : 128}`];
}
