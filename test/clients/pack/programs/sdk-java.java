// The AWS SDK for Java v2. @see AWS SDK for Java 2.x Developer Guide
import java.net.URI;
import java.security.KeyFactory;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.Map;
import software.amazon.awssdk.auth.credentials.ProfileCredentialsProvider;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.kms.KmsClient;
import software.amazon.awssdk.services.kms.model.DataKeySpec;
import software.amazon.awssdk.services.kms.model.DisabledException;
import software.amazon.awssdk.services.kms.model.InvalidCiphertextException;
import software.amazon.awssdk.services.kms.model.KmsException;
import software.amazon.awssdk.services.kms.model.SigningAlgorithmSpec;

public class Client {
  static KmsClient clientOf(String profile) {
    return KmsClient.builder()
        .endpointOverride(URI.create(System.getenv("TRENT_URL")))
        .region(Region.US_EAST_1)
        .credentialsProvider(ProfileCredentialsProvider.create(profile))
        .build();
  }

  static void done(String step, boolean holds) {
    if (!holds) throw new AssertionError(step + " does not hold");
    System.out.println("ok " + step);
  }

  static void refused(String step, String name, Class<? extends KmsException> type, Runnable call) {
    try {
      call.run();
    } catch (KmsException fault) {
      if (!type.isInstance(fault) || !fault.awsErrorDetails().errorCode().equals(name)) throw fault;
      System.out.println("ok " + step);
      return;
    }
    throw new AssertionError(step + " went through");
  }

  public static void main(String[] args) throws Exception {
    KmsClient kms = clientOf("trent");
    KmsClient stranger = clientOf("stranger");
    Map<String, String> context = Map.of("purpose", "test");
    SdkBytes hello = SdkBytes.fromUtf8String("hello");

    String key = kms.createKey(asked -> asked.description("orders")).keyMetadata().keyId();
    done("createKey and describeKey", kms.describeKey(asked -> asked.keyId(key)).keyMetadata().enabled());

    SdkBytes sealed = kms.encrypt(asked -> asked.keyId(key).plaintext(hello).encryptionContext(context)).ciphertextBlob();
    done("encrypt and decrypt", kms.decrypt(asked -> asked.ciphertextBlob(sealed).encryptionContext(context)).plaintext().equals(hello));

    var dataKey = kms.generateDataKey(asked -> asked.keyId(key).keySpec(DataKeySpec.AES_256));
    var again = kms.decrypt(asked -> asked.ciphertextBlob(dataKey.ciphertextBlob()));
    done("generateDataKey", again.plaintext().equals(dataKey.plaintext()));

    String signing = System.getenv("TRENT_SIGNING_KEY");
    var signed = kms.sign(asked -> asked.keyId(signing).message(hello).signingAlgorithm(SigningAlgorithmSpec.ECDSA_SHA_256));
    byte[] spki = kms.getPublicKey(asked -> asked.keyId(signing)).publicKey().asByteArray();
    Signature verifier = Signature.getInstance("SHA256withECDSA");
    verifier.initVerify(KeyFactory.getInstance("EC").generatePublic(new X509EncodedKeySpec(spki)));
    verifier.update(hello.asByteArray());
    done("sign, and verify at home", verifier.verify(signed.signature().asByteArray()));

    done("listKeys by paginator", kms.listKeysPaginator(asked -> asked.limit(1)).keys().stream().count() >= 3);

    refused("decrypt by a stranger", "AccessDeniedException", KmsException.class,
        () -> stranger.decrypt(asked -> asked.ciphertextBlob(sealed).encryptionContext(context)));

    byte[] bytes = sealed.asByteArray();
    byte[] spoilt = Arrays.copyOf(bytes, bytes.length);
    spoilt[spoilt.length - 1] ^= 1;
    refused("decrypt of a spoilt ciphertext", "InvalidCiphertextException", InvalidCiphertextException.class,
        () -> kms.decrypt(asked -> asked.ciphertextBlob(SdkBytes.fromByteArray(spoilt)).encryptionContext(context)));

    kms.disableKey(asked -> asked.keyId(key));
    refused("encrypt with a disabled key", "DisabledException", DisabledException.class,
        () -> kms.encrypt(asked -> asked.keyId(key).plaintext(hello)));
  }
}
