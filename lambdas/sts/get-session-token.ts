import { partitionIn } from "#domain/iam-arn";
import { own } from "#domain/quota";
import { issuerOf, lifeOf, requireNoMfa, type Session, USUAL_USER_SESSION, userDuration } from "#domain/session";
import { credentialsOf, sizesOf } from "#domain/session-answer";
import { operation } from "#operation";
import { structure, withDefault } from "#wire/shape";
import * as members from "#wire/sts-members";

/** Gives a user temporary credentials of its own; nobody needs a permission for that. */
export const getSessionToken = operation({
  name: "GetSessionToken",
  quota: own,
  permission: null,
  uses: { sessions: "issue" },
  input: structure({
    DurationSeconds: withDefault(members.userDuration, USUAL_USER_SESSION),
    ...members.mfa,
    MinimumSessionTokenSize: members.leastSize,
  }),
  output: structure({ Credentials: members.credentials, ...members.sizes }),
  errors: ["RegionDisabledException"],
  async handle({ input, caller, stores: { sessions }, now }) {
    const issuer = issuerOf(caller, "GetSessionToken");
    requireNoMfa(input);
    const session: Session = {
      kind: "user",
      partition: partitionIn(caller.arn),
      account: caller.account,
      issuer,
      ...lifeOf(now, userDuration(input.DurationSeconds, caller)),
      ...{ policyArns: [], tags: new Map(), transitive: [], chained: false },
    };
    const issued = await sessions.issue(session, input.MinimumSessionTokenSize);
    return { Credentials: credentialsOf(issued, session), ...sizesOf(issued) };
  },
});
