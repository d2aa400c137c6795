// What seals Vault: go-kms-wrapping with its wrapper for AWS KMS. @see hashicorp/go-kms-wrapping, wrappers/awskms
package main

import (
	"bytes"
	"context"
	"fmt"
	"log"
	"os"
	"strings"

	wrapping "github.com/hashicorp/go-kms-wrapping/v2"
	"github.com/hashicorp/go-kms-wrapping/wrappers/awskms/v2"
	"google.golang.org/protobuf/proto"
)

var ctx = context.Background()

func must[T any](value T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return value
}

func done(step string, holds bool) {
	if !holds {
		log.Fatal(step, " does not hold")
	}
	fmt.Println("ok", step)
}

func refused(step, words string, err error) {
	if err == nil || !strings.Contains(err.Error(), words) {
		log.Fatalf("%s: %v", step, err)
	}
	fmt.Println("ok", step)
}

// As Vault configures its seal "awskms".
func configured(profile, key string) (*awskms.Wrapper, error) {
	os.Setenv("AWS_PROFILE", profile)
	wrapper := awskms.NewWrapper()
	_, err := wrapper.SetConfig(ctx, wrapping.WithConfigMap(map[string]string{
		"region": "us-east-1", "endpoint": os.Getenv("TRENT_URL"), "kms_key_id": key,
	}))
	return wrapper, err
}

func main() {
	key := os.Getenv("TRENT_KEY")
	root := bytes.Repeat([]byte("root"), 1000)
	about := wrapping.WithAad([]byte("about"))

	wrapper := must(configured("trent", key))
	done("configure the seal, which describes its key", strings.HasSuffix(key, must(wrapper.KeyId(ctx))))

	sealed := must(wrapper.Encrypt(ctx, root, about))
	done("seal a root key", sealed.KeyInfo.KeyId == key && !bytes.Contains(sealed.Ciphertext, []byte("rootroot")))

	done("unseal it", bytes.Equal(must(wrapper.Decrypt(ctx, sealed, about)), root))

	var kept wrapping.BlobInfo
	if err := proto.Unmarshal(must(proto.Marshal(sealed)), &kept); err != nil {
		log.Fatal(err)
	}
	another := must(configured("trent", key))
	done("unseal what was stored, in another process's place", bytes.Equal(must(another.Decrypt(ctx, &kept, about)), root))

	_, err := configured("stranger", key)
	refused("configure the seal as a stranger", "AccessDenied", err)

	_, err = configured("trent", strings.Replace(key, "key/", "key/0", 1))
	refused("configure the seal with no key", "NotFoundException", err)

	spoilt := proto.Clone(&kept).(*wrapping.BlobInfo)
	spoilt.KeyInfo.WrappedKey[len(spoilt.KeyInfo.WrappedKey)-1] ^= 1
	_, err = another.Decrypt(ctx, spoilt, about)
	refused("unseal with a spoilt data key", "InvalidCiphertextException", err)
}
