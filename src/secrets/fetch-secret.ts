/** The text of a secret. */
export type FetchSecret = (secretId: string, options: FetchSecretOptions) => Promise<string>;

export interface FetchSecretOptions {
  signal: AbortSignal;
  /** Past every cache on the way. */
  fresh: boolean;
}

/**
 * AWS Secrets Manager's GetSecretValue.
 *
 * @throws StoreFault
 */
export type GetSecretValue = (
  secretId: string,
  signal: AbortSignal,
) => Promise<{ SecretString?: string | undefined }>;
