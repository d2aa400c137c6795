/**
 * Every error that Trent can answer, with its HTTP status: the closed table.
 *
 * KMS answers 400 for each client error and 500 for its three faults; of names that several services share, this is KMS's status.
 * @see AWS KMS API Reference and IAM API Reference, "Common Errors", and each operation's own list.
 */
const STATUS = {
  AccessDeniedException: 400,
  AlreadyExistsException: 400,
  CloudHsmClusterInUseException: 400,
  CloudHsmClusterInvalidConfigurationException: 400,
  CloudHsmClusterNotActiveException: 400,
  CloudHsmClusterNotFoundException: 400,
  CloudHsmClusterNotRelatedException: 400,
  ConcurrentModificationException: 409,
  ConflictException: 400,
  CustomKeyStoreHasCMKsException: 400,
  CustomKeyStoreInvalidStateException: 400,
  CustomKeyStoreNameInUseException: 400,
  CustomKeyStoreNotFoundException: 400,
  DeleteConflictException: 409,
  DependencyAccessDeniedException: 400,
  DependencyTimeoutException: 500,
  DisabledException: 400,
  DryRunOperationException: 400,
  EntityAlreadyExistsException: 409,
  EntityTemporarilyUnmodifiableException: 409,
  ExpiredImportTokenException: 400,
  ExpiredIdentityTokenException: 400,
  ExpiredTokenException: 400,
  IDPCommunicationErrorException: 400,
  IDPRejectedClaimException: 403,
  IllegalArgumentException: 400,
  IncompleteSignatureException: 400,
  IncorrectKeyException: 400,
  IncorrectKeyMaterialException: 400,
  IncorrectTrustAnchorException: 400,
  InvalidAliasNameException: 400,
  InvalidArnException: 400,
  InvalidAuthorizationMessageException: 400,
  InvalidCiphertextException: 400,
  InvalidEventCategoryException: 400,
  InvalidGrantIdException: 400,
  InvalidGrantTokenException: 400,
  InvalidIdentityTokenException: 400,
  InvalidImportTokenException: 400,
  InvalidInputException: 400,
  InvalidKeyUsageException: 400,
  InvalidLookupAttributesException: 400,
  InvalidMarkerException: 400,
  InvalidMaxResultsException: 400,
  InvalidNextTokenException: 400,
  InvalidPaginationTokenException: 400,
  InvalidResourceStateException: 400,
  InvalidSignatureException: 400,
  InvalidTimeRangeException: 400,
  KMSInternalException: 500,
  KMSInvalidMacException: 400,
  KMSInvalidSignatureException: 400,
  KMSInvalidStateException: 400,
  KeyUnavailableException: 500,
  LimitExceededException: 400,
  MalformedPolicyDocumentException: 400,
  MissingAuthenticationTokenException: 400,
  NoSuchEntityException: 404,
  NoSuchResourceException: 400,
  NotAuthorizedException: 400,
  NotFoundException: 400,
  OpenIdIdpCommunicationErrorException: 400,
  PackedPolicyTooLargeException: 400,
  PolicyEvaluationException: 500,
  PolicyNotAttachableException: 400,
  QuotaExceededException: 400,
  RegionDisabledException: 403,
  RequestEntityTooLargeException: 413,
  ResourceAlreadyExistsException: 400,
  SerializationException: 400,
  ServiceException: 500,
  ServiceFailureException: 500,
  TagException: 400,
  ThrottlingException: 400,
  TooManyRequestsException: 400,
  UnknownOperationException: 400,
  UnmodifiableEntityException: 400,
  UnrecognizedClientException: 400,
  UnsupportedOperationException: 400,
  ValidationException: 400,
  XksKeyAlreadyInUseException: 400,
  XksKeyInvalidConfigurationException: 400,
  XksKeyNotFoundException: 400,
  XksProxyIncorrectAuthenticationCredentialException: 400,
  XksProxyInvalidConfigurationException: 400,
  XksProxyInvalidResponseException: 400,
  XksProxyUriEndpointInUseException: 400,
  XksProxyUriInUseException: 400,
  XksProxyUriUnreachableException: 400,
  XksProxyVpcEndpointServiceInUseException: 400,
  XksProxyVpcEndpointServiceInvalidConfigurationException: 400,
  XksProxyVpcEndpointServiceNotFoundException: 400,
} as const;

export type FaultName = keyof typeof STATUS;

export const FAULT_NAMES = Object.keys(STATUS) as readonly FaultName[];

/**
 * What a caller may know about a call that failed: one of AWS's names, and AWS's text or none.
 *
 * Never made from a sensitive value. Any other error that leaves a step is a bug or an outage, and is answered as a bare `KMSInternalException`.
 */
export class Fault extends Error {
  override readonly name: FaultName;

  /** Without a text the body carries no `message` member at all, as AWS's. */
  constructor(name: FaultName, text = "") {
    super(text);
    this.name = name;
  }

  get status(): number {
    return STATUS[this.name];
  }
}
