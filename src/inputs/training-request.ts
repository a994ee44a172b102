import { BOOLEAN, integer, list, map, type Structure, structure, text, word } from './request-shape.js';

const S3 = text(1024);
const INPUT_MODE = word('Pipe', 'File', 'FastFile');
const EXPERIMENT = text(120, 1);

const RULES = list(
  structure({
    'RuleConfigurationName*': text(256, 1),
    LocalPath: text(4096),
    S3OutputPath: S3,
    'RuleEvaluatorImage*': text(255),
    InstanceType: text(),
    VolumeSizeInGB: integer(0),
    RuleParameters: map(100, 256, 256),
  }),
  20,
);

const S3_DATA_SOURCE = structure({
  'S3DataType*': word('ManifestFile', 'S3Prefix', 'AugmentedManifestFile', 'Converse'),
  'S3Uri*': S3,
  S3DataDistributionType: word('FullyReplicated', 'ShardedByS3Key'),
  AttributeNames: list(text(256, 1), 16),
  InstanceGroupNames: list(text(64, 1), 5),
  ModelAccessConfig: structure({ 'AcceptEula*': BOOLEAN }),
  HubAccessConfig: structure({ 'HubContentArn*': text(255) }),
});

const CHANNEL = structure({
  'ChannelName*': text(64, 1),
  'DataSource*': structure({
    S3DataSource: S3_DATA_SOURCE,
    FileSystemDataSource: structure({
      'FileSystemId*': text(21, 11),
      'FileSystemAccessMode*': word('rw', 'ro'),
      'FileSystemType*': word('EFS', 'FSxLustre'),
      'DirectoryPath*': text(4096),
    }),
    DatasetSource: structure({ 'DatasetArn*': text(2048) }),
  }),
  ContentType: text(256),
  CompressionType: word('None', 'Gzip'),
  RecordWrapperType: word('None', 'RecordIO'),
  InputMode: INPUT_MODE,
  ShuffleConfig: structure({ 'Seed*': integer() }),
});

/** The request of CreateTrainingJob as SageMaker's published service model (`sagemaker-2017-07-24`) has it, [doc]. */
export const TRAINING_REQUEST: Structure = structure({
  'TrainingJobName*': text(63, 1),
  HyperParameters: { kind: 'map', max: 100, key: 256, value: 2500, oneLine: true },
  AlgorithmSpecification: structure({
    TrainingImage: text(255),
    AlgorithmName: text(170, 1),
    'TrainingInputMode*': INPUT_MODE,
    MetricDefinitions: list(structure({ 'Name*': text(255, 1), 'Regex*': text(500, 1) }), 40),
    EnableSageMakerMetricsTimeSeries: BOOLEAN,
    ContainerEntrypoint: list(text(256), 100, 1),
    ContainerArguments: list(text(256), 100, 1),
    TrainingImageConfig: structure({
      'TrainingRepositoryAccessMode*': word('Platform', 'Vpc'),
      TrainingRepositoryAuthConfig: structure({ 'TrainingRepositoryCredentialsProviderArn*': text(2048, 1) }),
    }),
  }),
  'RoleArn*': text(2048, 20),
  InputDataConfig: list(CHANNEL, 20, 1),
  'OutputDataConfig*': structure({
    KmsKeyId: text(2048),
    'S3OutputPath*': S3,
    CompressionType: word('GZIP', 'NONE'),
  }),
  ResourceConfig: structure({
    InstanceType: text(),
    InstanceCount: integer(0),
    VolumeSizeInGB: integer(0),
    VolumeKmsKeyId: text(2048),
    KeepAlivePeriodInSeconds: integer(0, 21_600),
    InstanceGroups: list(
      structure({ 'InstanceType*': text(), 'InstanceCount*': integer(0), 'InstanceGroupName*': text(64, 1) }),
      5,
    ),
    TrainingPlanArn: text(2048, 50),
    InstancePlacementConfig: structure({
      EnableMultipleJobs: BOOLEAN,
      PlacementSpecifications: list(
        structure({ UltraServerId: text(256), 'InstanceCount*': integer(0) }),
        10,
      ),
    }),
  }),
  VpcConfig: structure({
    'SecurityGroupIds*': list(text(32), 5, 1),
    'Subnets*': list(text(32), 16, 1),
  }),
  StoppingCondition: structure({
    MaxRuntimeInSeconds: integer(1),
    MaxWaitTimeInSeconds: integer(1),
    MaxPendingTimeInSeconds: integer(7200, 2_419_200),
  }),
  Tags: list(structure({ 'Key*': text(128, 1), 'Value*': text(256) }), 50),
  EnableNetworkIsolation: BOOLEAN,
  EnableInterContainerTrafficEncryption: BOOLEAN,
  EnableManagedSpotTraining: BOOLEAN,
  CheckpointConfig: structure({ 'S3Uri*': S3, LocalPath: text(4096) }),
  DebugHookConfig: structure({
    LocalPath: text(4096),
    'S3OutputPath*': S3,
    HookParameters: map(20, 256, 256),
    CollectionConfigurations: list(
      structure({ CollectionName: text(256, 1), CollectionParameters: map(20, 256, 256) }),
      20,
    ),
  }),
  DebugRuleConfigurations: RULES,
  TensorBoardOutputConfig: structure({ LocalPath: text(4096), 'S3OutputPath*': S3 }),
  ExperimentConfig: structure({
    ExperimentName: EXPERIMENT,
    TrialName: EXPERIMENT,
    TrialComponentDisplayName: EXPERIMENT,
    RunName: EXPERIMENT,
  }),
  ProfilerConfig: structure({
    S3OutputPath: S3,
    ProfilingIntervalInMilliseconds: integer(),
    ProfilingParameters: map(20, 256, 256),
    DisableProfiler: BOOLEAN,
  }),
  ProfilerRuleConfigurations: RULES,
  Environment: map(100, 512, 512),
  RetryStrategy: structure({ 'MaximumRetryAttempts*': integer(1, 30) }),
  RemoteDebugConfig: structure({ EnableRemoteDebug: BOOLEAN }),
  InfraCheckConfig: structure({ EnableInfraCheck: BOOLEAN }),
  SessionChainingConfig: structure({ EnableSessionTagChaining: BOOLEAN }),
  ServerlessJobConfig: structure({
    'BaseModelArn*': text(2048, 1),
    AcceptEula: BOOLEAN,
    'JobType*': word('FineTuning', 'Evaluation'),
    CustomizationTechnique: word('SFT', 'DPO', 'RLVR', 'RLAIF'),
    Peft: word('LORA'),
    EvaluationType: word('LLMAJEvaluation', 'CustomScorerEvaluation', 'BenchmarkEvaluation'),
    EvaluatorArn: text(),
    SequenceLength: text(50, 1),
  }),
  MlflowConfig: structure({
    'MlflowResourceArn*': text(2048),
    MlflowExperimentName: text(256, 1),
    MlflowRunName: text(256, 1),
  }),
  ModelPackageConfig: structure({
    'ModelPackageGroupArn*': text(2048, 1),
    SourceModelPackageArn: text(2048, 1),
  }),
});
