import { pageOfSorted, pageSize } from "#domain/paging";
import { own } from "#domain/quota";
import { anyState } from "#domain/states";
import { operation } from "#operation";
import { keyId, limit, marker, pageOf, tags } from "#wire/members";
import { required, structure } from "#wire/shape";

/** Lists the tags of a key, by name. */
export const listResourceTags = operation({
  name: "ListResourceTags",
  quota: own,
  on: { key: { id: ({ KeyId }) => KeyId, permission: "kms:ListResourceTags", states: anyState } },
  uses: {},
  input: structure({ KeyId: required(keyId), Limit: limit, Marker: marker }),
  output: structure({ Tags: required(tags), ...pageOf }),
  errors: ["KMSInternalException", "NotFoundException", "InvalidArnException", "InvalidMarkerException"],
  async handle({ input, keys: { key }, paging }) {
    const markers = paging([key.id]);
    const sorted = [...key.tags].map(([TagKey, TagValue]) => ({ TagKey, TagValue })).sort((a, b) => (a.TagKey < b.TagKey ? -1 : 1));
    const { page, more } = pageOfSorted(sorted, (tag) => tag.TagKey, markers.after(input.Marker), pageSize(input.Limit, 50, 50));
    const last = page.at(-1)?.TagKey;
    return { Tags: page, Truncated: more, NextMarker: more && last !== undefined ? markers.next(last) : undefined };
  },
});
