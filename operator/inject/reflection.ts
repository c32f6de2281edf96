// @peculiar/x509 registers its algorithms in a container that refuses to load unless the metadata proposal's
// `Reflect.getMetadata` exists. None of its classes carries metadata, so "there is none" is the whole truth here.
// Imported for its effect, by certificate.ts alone and before the library.
interface MetadataReflection {
  getMetadata?: () => undefined
  getOwnMetadata?: () => undefined
}

const reflection = Reflect as MetadataReflection
reflection.getMetadata ??= () => undefined
reflection.getOwnMetadata ??= () => undefined
