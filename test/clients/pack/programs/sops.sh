# SOPS. @see getsops/sops, README, "Encrypting using KMS"
source "${BASH_SOURCE[0]%/*}/steps.sh"

printf 'user: dana\npassword: hunter2\n' > secrets.yaml

sops encrypt --kms "$TRENT_KEY" secrets.yaml > sealed.yaml
grep -q 'arn: arn:aws:kms' sealed.yaml
[[ $(grep -c hunter2 sealed.yaml) == 0 ]]
ok "encrypt a file"

sops decrypt sealed.yaml | cmp - secrets.yaml
ok "decrypt it"

[[ $(sops decrypt --extract '["password"]' sealed.yaml) == hunter2 ]]
ok "extract a value"

sops set sealed.yaml '["password"]' '"hunter3"'
[[ $(sops decrypt --extract '["password"]' sealed.yaml) == hunter3 ]]
ok "set a value"

sops rotate --in-place sealed.yaml
[[ $(sops decrypt --extract '["password"]' sealed.yaml) == hunter3 ]]
ok "rotate the data key"

sops encrypt --kms "$TRENT_KEY" --encryption-context Environment:test secrets.yaml > context.yaml
sops decrypt context.yaml | cmp - secrets.yaml
ok "encrypt with a context"

refused 'AccessDeniedException' env AWS_PROFILE=stranger sops decrypt sealed.yaml
ok "decrypt by a stranger"

sed 's/Environment: test/Environment: production/' context.yaml > moved.yaml
refused 'InvalidCiphertextException' sops decrypt moved.yaml
ok "decrypt with another context"

sed 's/user: ENC\[AES256_GCM,data:./user: ENC[AES256_GCM,data:A/; s/user: ENC\[AES256_GCM,data:A\(.\)/user: ENC[AES256_GCM,data:AA/' sealed.yaml > spoilt.yaml
refused 'authentication failed|MAC mismatch' sops decrypt spoilt.yaml
ok "decrypt a spoilt file"
