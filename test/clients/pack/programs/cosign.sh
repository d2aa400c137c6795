# cosign, without Sigstore's public log: nothing here leaves the machine. @see sigstore/cosign, KMS.md
source "${BASH_SOURCE[0]%/*}/steps.sh"

export HOME=$PWD COSIGN_YES=true
key="awskms:///$TRENT_SIGNING_KEY"
sign=(cosign sign-blob --tlog-upload=false --use-signing-config=false --key)
verify=(cosign verify-blob --insecure-ignore-tlog --key)
printf hello > blob

cosign public-key --key "$key" > public.pem
openssl pkey -pubin -in public.pem -noout
ok "public-key"

"${sign[@]}" "$key" --bundle bundle.json blob > signature
ok "sign-blob"

"${verify[@]}" "$key" --bundle bundle.json blob
ok "verify-blob by the key"

"${verify[@]}" public.pem --bundle bundle.json blob
ok "verify-blob at home"

cosign generate-key-pair --kms awskms:///alias/cosign
cmp --silent cosign.pub public.pem && exit 1
"${sign[@]}" awskms:///alias/cosign --bundle named.json blob > signature
"${verify[@]}" cosign.pub --bundle named.json blob
ok "generate-key-pair, and sign by its alias"

printf tampered > tampered
refused 'invalid signature' "${verify[@]}" "$key" --bundle bundle.json tampered
ok "verify-blob of another blob"

refused 'AccessDenied' env AWS_PROFILE=stranger "${sign[@]}" "$key" --bundle none.json blob
ok "sign-blob by a stranger"
