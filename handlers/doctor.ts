import middy from "@middy/core";
import { createDoctorFunction } from "../src/doctor/doctor-function.ts";

export const handler = middy(createDoctorFunction(process.env), { timeoutEarlyInMillis: 0 });
