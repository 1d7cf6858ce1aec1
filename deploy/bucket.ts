/** The framework's own look at a bucket, with the credentials and for the region of the deployment. */
interface BucketLook {
  checkIfBucketExists: (name: string) => Promise<boolean>;
}

/** Why a bucket of the operator's cannot be used; nothing if it can. */
export async function bucketFault(name: string, plugins: readonly object[]): Promise<string[]> {
  const look = plugins.find((plugin): plugin is BucketLook => "checkIfBucketExists" in plugin);
  try {
    if (await look?.checkIfBucketExists(name)) return [];
    return [`sweepBucket: there is no bucket ${name}`];
  } catch (error) {
    const { code, message } = error as Error & { code?: string };
    if (code === "AWS_S3_HEAD_BUCKET_FORBIDDEN") {
      return [
        `sweepBucket: whether ${name} is in this region cannot be seen without the permission s3:ListBucket`,
      ];
    }
    return [`sweepBucket: ${name} cannot be reached in this region, it may be in another (${message})`];
  }
}
