import { expect, test } from 'vitest';
import { isPublicAddress, parseAddress, toNetwork } from './address.ts';

test.each([
  ['198.51.100.7', '198.51.100.7'],
  [' 198.51.100.7 ', '198.51.100.7'],
  ['198.51.100.7:40000', '198.51.100.7'],
  ['::ffff:198.51.100.7', '198.51.100.7'],
  ['::FFFF:c633:6407', '198.51.100.7'],
  ['[::ffff:198.51.100.7]:443', '198.51.100.7'],
  ['2001:DB8:0:1:0:0:0:1', '2001:db8:0:1::1'],
  ['[2001:db8::1]:443', '2001:db8::1'],
  ['[2001:db8::1]', '2001:db8::1'],
  ['fe80::1%eth0', 'fe80::1'],
  ['unknown', null],
  ['unknown-7', null],
  ['_hidden', null],
  ['', null],
  ['198.51.100.7.example.com', null],
  ['198.51.100', null],
  ['256.1.1.1', null],
  ['::g', null],
  ['[::1', null],
])('parseAddress("%s") is %s', (text, address) => expect(parseAddress(text)).toBe(address));

test.each([
  ['2001:db8:0:1::1', 64, '2001:db8:0:1::/64'],
  ['2001:db8:0:1:ffff:ffff:ffff:ffff', 64, '2001:db8:0:1::/64'],
  ['2001:db8:0:2::1', 64, '2001:db8:0:2::/64'],
  ['2001:db8:0:2::1', 48, '2001:db8:0::/48'],
  ['::1', 64, '0:0:0:0::/64'],
  ['198.51.100.7', 64, '198.51.100.7'],
] as const)('toNetwork("%s", %s) is %s', (address, bits, network) => expect(toNetwork(address, bits)).toBe(network));

test.each(['8.8.8.8', '1.1.1.1', '172.32.0.1', '2606:4700::1111', '2002:808:808::', '64:ff9b::808:808'])(
  'isPublicAddress("%s") is true',
  (address) => expect(isPublicAddress(address)).toBe(true),
);

test.each([
  ...[
    '127.0.0.1',
    '127.9.9.9',
    '0.0.0.0',
    '10.0.0.1',
    '172.16.0.1',
    '192.168.1.1',
    '169.254.169.254',
    '100.100.100.200',
  ],
  ...['224.0.0.1', '255.255.255.255', '198.18.0.1', '192.0.0.192'],
  ...['::', '::1', 'fc00::1', 'fd00:ec2::254', 'fe80::1', 'ff02::1', '2001:db8::1', '2001::1', '::7f00:1'],
  ...['64:ff9b::7f00:1', '64:ff9b::a9fe:a9fe', '2002:7f00:1::', '2002:a9fe:a9fe::1', '64:ff9b:1::1'],
])('isPublicAddress("%s") is false', (address) => expect(isPublicAddress(address)).toBe(false));
