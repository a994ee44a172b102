import {
  BOOLEAN,
  integer,
  list,
  map,
  number,
  type Shape,
  type Structure,
  structure,
  text,
  word,
} from './request-shape.js';

const S3 = text(1024);
const NAME = text(63);
const ARN = text(2048, 1);
const TAGS = list(structure({ 'Key*': text(128, 1), 'Value*': text(256) }), 50);
const VPC = structure({ 'SecurityGroupIds*': list(text(32), 5, 1), 'Subnets*': list(text(32), 16, 1) });

const MODEL_SOURCE = structure({
  'S3Uri*': S3,
  'S3DataType*': word('S3Prefix', 'S3Object'),
  'CompressionType*': word('None', 'Gzip'),
  ModelAccessConfig: structure({ 'AcceptEula*': BOOLEAN }),
  HubAccessConfig: structure({ 'HubContentArn*': text(255) }),
  ManifestS3Uri: S3,
  ETag: text(),
  ManifestEtag: text(),
});

const CONTAINER = structure({
  ContainerHostname: NAME,
  Image: text(255),
  ImageConfig: structure({
    'RepositoryAccessMode*': word('Platform', 'Vpc'),
    RepositoryAuthConfig: structure({ 'RepositoryCredentialsProviderArn*': ARN }),
  }),
  Mode: word('SingleModel', 'MultiModel'),
  ModelDataUrl: S3,
  ModelDataSource: structure({ S3DataSource: MODEL_SOURCE }),
  AdditionalModelDataSources: list(
    structure({ 'ChannelName*': text(64, 1), 'S3DataSource*': MODEL_SOURCE }),
    5,
  ),
  Environment: map(100, 1024, 1024),
  ModelPackageName: text(176, 1),
  InferenceSpecificationName: text(63, 1),
  MultiModelConfig: structure({ ModelCacheSetting: word('Enabled', 'Disabled') }),
  ContainerMetricsConfig: structure({
    MetricsEndpoints: list(
      structure({ 'MetricsEndpointPath*': text(256), MetricPublishFrequencyInSeconds: integer() }),
      1,
    ),
  }),
});

const CREATE_MODEL = structure({
  'ModelName*': NAME,
  PrimaryContainer: CONTAINER,
  Containers: list(CONTAINER, 15),
  InferenceExecutionConfig: structure({ 'Mode*': word('Serial', 'Direct') }),
  ExecutionRoleArn: text(2048, 20),
  Tags: TAGS,
  VpcConfig: VPC,
  EnableNetworkIsolation: BOOLEAN,
});

const TIMEOUT = integer(60, 3600);

const VARIANT = structure({
  'VariantName*': NAME,
  ModelName: NAME,
  InitialInstanceCount: integer(1),
  InstanceType: text(),
  InstancePools: list(
    structure({ 'InstanceType*': text(), ModelNameOverride: NAME, 'Priority*': integer(1, 5) }),
    5,
    1,
  ),
  VariantInstanceProvisionTimeoutInSeconds: integer(300, 3600),
  InitialVariantWeight: number(0),
  AcceleratorType: text(),
  CoreDumpConfig: structure({ 'DestinationS3Uri*': text(512), KmsKeyId: text(2048) }),
  ServerlessConfig: structure({
    'MemorySizeInMB*': integer(1024, 6144),
    'MaxConcurrency*': integer(1, 200),
    ProvisionedConcurrency: integer(1, 200),
  }),
  VolumeSizeInGB: integer(1, 512),
  ModelDataDownloadTimeoutInSeconds: TIMEOUT,
  ContainerStartupHealthCheckTimeoutInSeconds: TIMEOUT,
  EnableSSMAccess: BOOLEAN,
  ManagedInstanceScaling: structure({
    Status: word('ENABLED', 'DISABLED'),
    MinInstanceCount: integer(0),
    MaxInstanceCount: integer(1),
    ScaleInPolicy: structure({
      'Strategy*': word('IDLE_RELEASE', 'CONSOLIDATION'),
      MaximumStepSize: integer(1, 100),
      CooldownInMinutes: integer(5, 1440),
    }),
  }),
  RoutingConfig: structure({ 'RoutingStrategy*': word('LEAST_OUTSTANDING_REQUESTS', 'RANDOM') }),
  InferenceAmiVersion: text(),
  CapacityReservationConfig: structure({
    CapacityReservationPreference: word('capacity-reservations-only'),
    MlReservationArn: text(258, 20),
  }),
});

const HEADERS = list(text(64, 1), 16, 1);

const EXPLAINER = structure({
  ClarifyExplainerConfig: structure({
    EnableExplanations: text(64, 1),
    InferenceConfig: structure({
      FeaturesAttribute: text(64, 1),
      ContentTemplate: text(64, 1),
      MaxRecordCount: integer(1),
      MaxPayloadInMB: integer(1, 25),
      ProbabilityIndex: integer(0),
      LabelIndex: integer(0),
      ProbabilityAttribute: text(64, 1),
      LabelAttribute: text(64, 1),
      LabelHeaders: HEADERS,
      FeatureHeaders: list(text(64, 1), 256, 1),
      FeatureTypes: list(word('numerical', 'categorical', 'text'), 256, 1),
    }),
    'ShapConfig*': structure({
      'ShapBaselineConfig*': structure({
        MimeType: text(255),
        ShapBaseline: text(4096, 1),
        ShapBaselineUri: S3,
      }),
      NumberOfSamples: integer(1),
      UseLogit: BOOLEAN,
      Seed: integer(),
      TextConfig: structure({
        'Language*': text(),
        'Granularity*': word('token', 'sentence', 'paragraph'),
      }),
    }),
  }),
});

const CREATE_ENDPOINT_CONFIG = structure({
  'EndpointConfigName*': NAME,
  'ProductionVariants*': list(VARIANT, 10, 1),
  DataCaptureConfig: structure({
    EnableCapture: BOOLEAN,
    'InitialSamplingPercentage*': integer(0, 100),
    'DestinationS3Uri*': text(512),
    KmsKeyId: text(2048),
    'CaptureOptions*': list(structure({ 'CaptureMode*': word('Input', 'Output', 'InputAndOutput') }), 32, 1),
    CaptureContentTypeHeader: structure({
      CsvContentTypes: list(text(256, 1), 10, 1),
      JsonContentTypes: list(text(256, 1), 10, 1),
    }),
  }),
  Tags: TAGS,
  KmsKeyId: text(2048),
  AsyncInferenceConfig: structure({
    ClientConfig: structure({ MaxConcurrentInvocationsPerInstance: integer(1, 1000) }),
    'OutputConfig*': structure({
      KmsKeyId: text(2048),
      S3OutputPath: text(512),
      NotificationConfig: structure({
        SuccessTopic: text(2048),
        ErrorTopic: text(2048),
        IncludeInferenceResponseIn: list(word('SUCCESS_NOTIFICATION_TOPIC', 'ERROR_NOTIFICATION_TOPIC'), 2),
      }),
      S3FailurePath: text(512),
    }),
  }),
  ExplainerConfig: EXPLAINER,
  ShadowProductionVariants: list(VARIANT, 10, 1),
  ExecutionRoleArn: text(2048, 20),
  VpcConfig: VPC,
  EnableNetworkIsolation: BOOLEAN,
  MetricsConfig: structure({
    EnableEnhancedMetrics: BOOLEAN,
    EnableDetailedObservability: BOOLEAN,
    MetricPublishFrequencyInSeconds: integer(),
  }),
});

const SIZE: Shape = structure({ 'Type*': word('INSTANCE_COUNT', 'CAPACITY_PERCENT'), 'Value*': integer(1) });
const WAIT = integer(0, 3600);
const EXECUTION = integer(600, 28_800);

const DEPLOYMENT = structure({
  BlueGreenUpdatePolicy: structure({
    'TrafficRoutingConfiguration*': structure({
      'Type*': word('ALL_AT_ONCE', 'CANARY', 'LINEAR'),
      'WaitIntervalInSeconds*': WAIT,
      CanarySize: SIZE,
      LinearStepSize: SIZE,
    }),
    TerminationWaitInSeconds: WAIT,
    MaximumExecutionTimeoutInSeconds: EXECUTION,
  }),
  RollingUpdatePolicy: structure({
    'MaximumBatchSize*': SIZE,
    'WaitIntervalInSeconds*': WAIT,
    MaximumExecutionTimeoutInSeconds: EXECUTION,
    RollbackMaximumBatchSize: SIZE,
  }),
  AutoRollbackConfiguration: structure({
    Alarms: list(structure({ AlarmName: text(255, 1) }), 10, 1),
  }),
});

/**
 * The requests that put an endpoint live, by operation, as SageMaker's published service model
 * (`sagemaker-2017-07-24`) has them, [doc].
 */
export const ENDPOINT_REQUESTS: Omit<Structure, 'fields'> & {
  readonly fields: Readonly<
    Record<'CreateModel' | 'CreateEndpointConfig' | 'CreateEndpoint' | 'UpdateEndpoint', Structure>
  >;
} = {
  kind: 'structure',
  required: [],
  fields: {
    CreateModel: CREATE_MODEL,
    CreateEndpointConfig: CREATE_ENDPOINT_CONFIG,
    CreateEndpoint: structure({
      'EndpointName*': NAME,
      'EndpointConfigName*': NAME,
      DeploymentConfig: DEPLOYMENT,
      Tags: TAGS,
    }),
    UpdateEndpoint: structure({
      'EndpointName*': NAME,
      'EndpointConfigName*': NAME,
      RetainAllVariantProperties: BOOLEAN,
      ExcludeRetainedVariantProperties: list(
        structure({
          'VariantPropertyType*': word('DesiredInstanceCount', 'DesiredWeight', 'DataCaptureConfig'),
        }),
        3,
      ),
      DeploymentConfig: DEPLOYMENT,
      RetainDeploymentConfig: BOOLEAN,
    }),
  },
};
