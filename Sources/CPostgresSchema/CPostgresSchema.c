#include "CPostgresSchema.h"

// One entry a file, in the order of the names.

static const unsigned char schema_001_cache[] = {
#embed "../../sql/postgres/schema/001-cache.sql"
};
static const unsigned char schema_002_installation[] = {
#embed "../../sql/postgres/schema/002-installation.sql"
};

static const unsigned char support_address[] = {
#embed "../../sql/postgres/support/address.sql"
};
static const unsigned char support_ai_prefetch[] = {
#embed "../../sql/postgres/support/ai_prefetch.sql"
};
static const unsigned char support_answers[] = {
#embed "../../sql/postgres/support/answers.sql"
};
static const unsigned char support_assemble[] = {
#embed "../../sql/postgres/support/assemble.sql"
};
static const unsigned char support_bridge_status[] = {
#embed "../../sql/postgres/support/bridge_status.sql"
};
static const unsigned char support_call[] = {
#embed "../../sql/postgres/support/call.sql"
};
static const unsigned char support_call_one[] = {
#embed "../../sql/postgres/support/call_one.sql"
};
static const unsigned char support_check_arguments[] = {
#embed "../../sql/postgres/support/check_arguments.sql"
};
static const unsigned char support_connect[] = {
#embed "../../sql/postgres/support/connect.sql"
};
static const unsigned char support_disconnect[] = {
#embed "../../sql/postgres/support/disconnect.sql"
};
static const unsigned char support_embedding_key_part[] = {
#embed "../../sql/postgres/support/embedding_key_part.sql"
};
static const unsigned char support_health[] = {
#embed "../../sql/postgres/support/health.sql"
};
static const unsigned char support_json_text[] = {
#embed "../../sql/postgres/support/json_text.sql"
};
static const unsigned char support_key_part[] = {
#embed "../../sql/postgres/support/key_part.sql"
};
static const unsigned char support_prefetch_batch[] = {
#embed "../../sql/postgres/support/prefetch_batch.sql"
};
static const unsigned char support_stack_embeddings[] = {
#embed "../../sql/postgres/support/stack_embeddings.sql"
};
static const unsigned char support_texts_key_part[] = {
#embed "../../sql/postgres/support/texts_key_part.sql"
};

static const sibyl_sql_file migrations[] = {
    {"001-cache", schema_001_cache, sizeof schema_001_cache},
    {"002-installation", schema_002_installation, sizeof schema_002_installation},
};

static const sibyl_sql_file support[] = {
    {"address", support_address, sizeof support_address},
    {"ai_prefetch", support_ai_prefetch, sizeof support_ai_prefetch},
    {"answers", support_answers, sizeof support_answers},
    {"assemble", support_assemble, sizeof support_assemble},
    {"bridge_status", support_bridge_status, sizeof support_bridge_status},
    {"call", support_call, sizeof support_call},
    {"call_one", support_call_one, sizeof support_call_one},
    {"check_arguments", support_check_arguments, sizeof support_check_arguments},
    {"connect", support_connect, sizeof support_connect},
    {"disconnect", support_disconnect, sizeof support_disconnect},
    {"embedding_key_part", support_embedding_key_part, sizeof support_embedding_key_part},
    {"health", support_health, sizeof support_health},
    {"json_text", support_json_text, sizeof support_json_text},
    {"key_part", support_key_part, sizeof support_key_part},
    {"prefetch_batch", support_prefetch_batch, sizeof support_prefetch_batch},
    {"stack_embeddings", support_stack_embeddings, sizeof support_stack_embeddings},
    {"texts_key_part", support_texts_key_part, sizeof support_texts_key_part},
};

const sibyl_sql_file *sibyl_sql_migrations(void) { return migrations; }
size_t sibyl_sql_migration_count(void) { return sizeof migrations / sizeof *migrations; }
const sibyl_sql_file *sibyl_sql_support(void) { return support; }
size_t sibyl_sql_support_count(void) { return sizeof support / sizeof *support; }
