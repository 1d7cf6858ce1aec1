import { createSign, generateKeyPairSync, type KeyObject, randomBytes } from "node:crypto";

/** A certificate made up on the spot, and what it takes to serve it or to trust it. PEM throughout. */
export interface MadeUpCertificate {
  key: string;
  cert: string;
}

export interface CertificateWish {
  /** Names and IPv4 addresses that it is for. */
  hosts: readonly string[];
  notBefore?: Date;
  notAfter?: Date;
  /** Who signs it; itself when nobody is named. */
  issuer?: Authority;
}

export interface Authority extends MadeUpCertificate {
  privateKey: KeyObject;
}

const DAY_MS = 86_400_000;

/** An authority of our own, to be trusted by a test alone. */
export function makeAuthority(): Authority {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const subject = name("Made-up Authority");
  const cert = certificate({ subject, issuer: subject, publicKey, signer: privateKey, isAuthority: true });
  return { cert, key: pemOf(privateKey), privateKey };
}

export function makeCertificate({ hosts, notBefore, notAfter, issuer }: CertificateWish): MadeUpCertificate {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const subject = name("Made-up Upstream");
  const cert = certificate({
    subject,
    issuer: issuer ? name("Made-up Authority") : subject,
    publicKey,
    signer: issuer?.privateKey ?? privateKey,
    isAuthority: false,
    hosts,
    notBefore,
    notAfter,
  });
  return { cert, key: pemOf(privateKey) };
}

function pemOf(key: KeyObject): string {
  return key.export({ type: "pkcs8", format: "pem" }).toString();
}

interface CertificateParts {
  subject: Buffer;
  issuer: Buffer;
  publicKey: KeyObject;
  signer: KeyObject;
  isAuthority: boolean;
  hosts?: readonly string[];
  notBefore?: Date | undefined;
  notAfter?: Date | undefined;
}

/** X.509 version 3, signed with ECDSA and SHA-256 (RFC 5280, 4.1). */
function certificate(parts: CertificateParts): string {
  const { notBefore = new Date(Date.now() - DAY_MS), notAfter = new Date(Date.now() + DAY_MS) } = parts;
  const algorithm = sequence(oid("2a8648ce3d040302"));
  const extensions = [extension("551d13", sequence(...(parts.isAuthority ? [der(0x01, [0xff])] : [])))];
  if (parts.hosts) extensions.push(extension("551d11", sequence(...parts.hosts.map(alternativeName))));
  const serial = randomBytes(8);
  serial[0] = 1;
  const toBeSigned = sequence(
    der(0xa0, der(0x02, [2])),
    der(0x02, serial),
    algorithm,
    parts.issuer,
    sequence(time(notBefore), time(notAfter)),
    parts.subject,
    parts.publicKey.export({ type: "spki", format: "der" }),
    der(0xa3, sequence(...extensions)),
  );
  const signature = createSign("sha256").update(toBeSigned).sign(parts.signer);
  const bytes = sequence(toBeSigned, algorithm, der(0x03, Buffer.concat([Buffer.of(0), signature])));
  const lines = bytes.toString("base64").match(/.{1,64}/g) as string[];
  return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
}

function name(commonName: string): Buffer {
  return sequence(der(0x31, sequence(oid("550403"), der(0x0c, Buffer.from(commonName)))));
}

function alternativeName(host: string): Buffer {
  const isAddress = /^\d+(?:\.\d+){3}$/.test(host);
  return isAddress ? der(0x87, host.split(".").map(Number)) : der(0x82, Buffer.from(host, "latin1"));
}

function extension(id: string, value: Buffer): Buffer {
  return sequence(oid(id), der(0x04, value));
}

function time(at: Date): Buffer {
  const text = `${at.toISOString().slice(0, 19).replace(/[-:T]/g, "")}Z`;
  return der(0x18, Buffer.from(text));
}

function oid(hex: string): Buffer {
  return der(0x06, Buffer.from(hex, "hex"));
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return der(0x30, Buffer.concat(parts));
}

function der(tag: number, content: Buffer | readonly number[]): Buffer {
  const bytes = Buffer.from(content);
  const { length } = bytes;
  const size =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), bytes]);
}
