/** What Regions share, and what each has to itself. */
import { CreateKeyCommand, DescribeKeyCommand, ListKeysCommand } from "@aws-sdk/client-kms";
import { GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { GLOBAL } from "#store";
import { kmsAt, stsAt } from "./clients.ts";
import { deployed, REGIONS } from "./deployment.ts";
import { openStore } from "./site.ts";
import { operate } from "./stack.ts";

const { administrator, endpoint } = deployed();
const [home, other] = REGIONS;
