declare module "asl-validator" {
  /** Adds to the definition what it leaves to defaults. */
  export default function validate(definition: object): {
    isValid: boolean;
    errors: { message: string }[];
    errorsText: (separator?: string) => string;
  };
}
