#include "CPostgresSchema.h"

// One entry a file, in the order of the names.


static const unsigned char schema_001_cache[] = {
#embed "../../sql/postgres/schema/001-cache.sql"
};
static const unsigned char schema_002_installation[] = {
#embed "../../sql/postgres/schema/002-installation.sql"
};
static const unsigned char schema_003_jobs[] = {
#embed "../../sql/postgres/schema/003-jobs.sql"
};
static const unsigned char schema_004_columns[] = {
#embed "../../sql/postgres/schema/004-columns.sql"
};
static const unsigned char schema_005_classifiers[] = {
#embed "../../sql/postgres/schema/005-classifiers.sql"
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
static const unsigned char support_call_context[] = {
#embed "../../sql/postgres/support/call_context.sql"
};
static const unsigned char support_call_in_session[] = {
#embed "../../sql/postgres/support/call_in_session.sql"
};
static const unsigned char support_call_one[] = {
#embed "../../sql/postgres/support/call_one.sql"
};
static const unsigned char support_cancel_job[] = {
#embed "../../sql/postgres/support/cancel_job.sql"
};
static const unsigned char support_check_arguments[] = {
#embed "../../sql/postgres/support/check_arguments.sql"
};
static const unsigned char support_column_named[] = {
#embed "../../sql/postgres/support/column_named.sql"
};
static const unsigned char support_connect[] = {
#embed "../../sql/postgres/support/connect.sql"
};
static const unsigned char support_create_column[] = {
#embed "../../sql/postgres/support/create_column.sql"
};
static const unsigned char support_create_job[] = {
#embed "../../sql/postgres/support/create_job.sql"
};
static const unsigned char support_describe_call[] = {
#embed "../../sql/postgres/support/describe_call.sql"
};
static const unsigned char support_describe_classifier[] = {
#embed "../../sql/postgres/support/describe_classifier.sql"
};
static const unsigned char support_detach_column[] = {
#embed "../../sql/postgres/support/detach_column.sql"
};
static const unsigned char support_disconnect[] = {
#embed "../../sql/postgres/support/disconnect.sql"
};
static const unsigned char support_drop_job[] = {
#embed "../../sql/postgres/support/drop_job.sql"
};
static const unsigned char support_drop_triggers[] = {
#embed "../../sql/postgres/support/drop_triggers.sql"
};
static const unsigned char support_embedding_key_part[] = {
#embed "../../sql/postgres/support/embedding_key_part.sql"
};
static const unsigned char support_finish_changes[] = {
#embed "../../sql/postgres/support/finish_changes.sql"
};
static const unsigned char support_finish_chunk[] = {
#embed "../../sql/postgres/support/finish_chunk.sql"
};
static const unsigned char support_finish_work[] = {
#embed "../../sql/postgres/support/finish_work.sql"
};
static const unsigned char support_health[] = {
#embed "../../sql/postgres/support/health.sql"
};
static const unsigned char support_held_changes[] = {
#embed "../../sql/postgres/support/held_changes.sql"
};
static const unsigned char support_job_named[] = {
#embed "../../sql/postgres/support/job_named.sql"
};
static const unsigned char support_json_text[] = {
#embed "../../sql/postgres/support/json_text.sql"
};
static const unsigned char support_key_part[] = {
#embed "../../sql/postgres/support/key_part.sql"
};
static const unsigned char support_lease_changes[] = {
#embed "../../sql/postgres/support/lease_changes.sql"
};
static const unsigned char support_lease_chunk[] = {
#embed "../../sql/postgres/support/lease_chunk.sql"
};
static const unsigned char support_lease_work[] = {
#embed "../../sql/postgres/support/lease_work.sql"
};
static const unsigned char support_note_changes[] = {
#embed "../../sql/postgres/support/note_changes.sql"
};
static const unsigned char support_note_corrections[] = {
#embed "../../sql/postgres/support/note_corrections.sql"
};
static const unsigned char support_note_truncation[] = {
#embed "../../sql/postgres/support/note_truncation.sql"
};
static const unsigned char support_pause_job[] = {
#embed "../../sql/postgres/support/pause_job.sql"
};
static const unsigned char support_prefetch_batch[] = {
#embed "../../sql/postgres/support/prefetch_batch.sql"
};
static const unsigned char support_present_keys[] = {
#embed "../../sql/postgres/support/present_keys.sql"
};
static const unsigned char support_put_part[] = {
#embed "../../sql/postgres/support/put_part.sql"
};
static const unsigned char support_queue_column[] = {
#embed "../../sql/postgres/support/queue_column.sql"
};
static const unsigned char support_refresh_column[] = {
#embed "../../sql/postgres/support/refresh_column.sql"
};
static const unsigned char support_release_work[] = {
#embed "../../sql/postgres/support/release_work.sql"
};
static const unsigned char support_renew_work[] = {
#embed "../../sql/postgres/support/renew_work.sql"
};
static const unsigned char support_require_target[] = {
#embed "../../sql/postgres/support/require_target.sql"
};
static const unsigned char support_require_writable[] = {
#embed "../../sql/postgres/support/require_writable.sql"
};
static const unsigned char support_resume_job[] = {
#embed "../../sql/postgres/support/resume_job.sql"
};
static const unsigned char support_retry_column[] = {
#embed "../../sql/postgres/support/retry_column.sql"
};
static const unsigned char support_retry_job[] = {
#embed "../../sql/postgres/support/retry_job.sql"
};
static const unsigned char support_send_classifier[] = {
#embed "../../sql/postgres/support/send_classifier.sql"
};
static const unsigned char support_send_rows[] = {
#embed "../../sql/postgres/support/send_rows.sql"
};
static const unsigned char support_session_key_part[] = {
#embed "../../sql/postgres/support/session_key_part.sql"
};
static const unsigned char support_stack_embeddings[] = {
#embed "../../sql/postgres/support/stack_embeddings.sql"
};
static const unsigned char support_store_results[] = {
#embed "../../sql/postgres/support/store_results.sql"
};
static const unsigned char support_texts_key_part[] = {
#embed "../../sql/postgres/support/texts_key_part.sql"
};
static const unsigned char support_write_answers[] = {
#embed "../../sql/postgres/support/write_answers.sql"
};

static const sibyl_sql_file migrations[] = {
    {"001-cache", schema_001_cache, sizeof schema_001_cache},
    {"002-installation", schema_002_installation, sizeof schema_002_installation},
    {"003-jobs", schema_003_jobs, sizeof schema_003_jobs},
    {"004-columns", schema_004_columns, sizeof schema_004_columns},
    {"005-classifiers", schema_005_classifiers, sizeof schema_005_classifiers},
};

static const sibyl_sql_file support[] = {
    {"address", support_address, sizeof support_address},
    {"ai_prefetch", support_ai_prefetch, sizeof support_ai_prefetch},
    {"answers", support_answers, sizeof support_answers},
    {"assemble", support_assemble, sizeof support_assemble},
    {"bridge_status", support_bridge_status, sizeof support_bridge_status},
    {"call", support_call, sizeof support_call},
    {"call_context", support_call_context, sizeof support_call_context},
    {"call_in_session", support_call_in_session, sizeof support_call_in_session},
    {"call_one", support_call_one, sizeof support_call_one},
    {"cancel_job", support_cancel_job, sizeof support_cancel_job},
    {"check_arguments", support_check_arguments, sizeof support_check_arguments},
    {"column_named", support_column_named, sizeof support_column_named},
    {"connect", support_connect, sizeof support_connect},
    {"create_column", support_create_column, sizeof support_create_column},
    {"create_job", support_create_job, sizeof support_create_job},
    {"describe_call", support_describe_call, sizeof support_describe_call},
    {"describe_classifier", support_describe_classifier, sizeof support_describe_classifier},
    {"detach_column", support_detach_column, sizeof support_detach_column},
    {"disconnect", support_disconnect, sizeof support_disconnect},
    {"drop_job", support_drop_job, sizeof support_drop_job},
    {"drop_triggers", support_drop_triggers, sizeof support_drop_triggers},
    {"embedding_key_part", support_embedding_key_part, sizeof support_embedding_key_part},
    {"finish_changes", support_finish_changes, sizeof support_finish_changes},
    {"finish_chunk", support_finish_chunk, sizeof support_finish_chunk},
    {"finish_work", support_finish_work, sizeof support_finish_work},
    {"health", support_health, sizeof support_health},
    {"held_changes", support_held_changes, sizeof support_held_changes},
    {"job_named", support_job_named, sizeof support_job_named},
    {"json_text", support_json_text, sizeof support_json_text},
    {"key_part", support_key_part, sizeof support_key_part},
    {"lease_changes", support_lease_changes, sizeof support_lease_changes},
    {"lease_chunk", support_lease_chunk, sizeof support_lease_chunk},
    {"lease_work", support_lease_work, sizeof support_lease_work},
    {"note_changes", support_note_changes, sizeof support_note_changes},
    {"note_corrections", support_note_corrections, sizeof support_note_corrections},
    {"note_truncation", support_note_truncation, sizeof support_note_truncation},
    {"pause_job", support_pause_job, sizeof support_pause_job},
    {"prefetch_batch", support_prefetch_batch, sizeof support_prefetch_batch},
    {"present_keys", support_present_keys, sizeof support_present_keys},
    {"put_part", support_put_part, sizeof support_put_part},
    {"queue_column", support_queue_column, sizeof support_queue_column},
    {"refresh_column", support_refresh_column, sizeof support_refresh_column},
    {"release_work", support_release_work, sizeof support_release_work},
    {"renew_work", support_renew_work, sizeof support_renew_work},
    {"require_target", support_require_target, sizeof support_require_target},
    {"require_writable", support_require_writable, sizeof support_require_writable},
    {"resume_job", support_resume_job, sizeof support_resume_job},
    {"retry_column", support_retry_column, sizeof support_retry_column},
    {"retry_job", support_retry_job, sizeof support_retry_job},
    {"send_classifier", support_send_classifier, sizeof support_send_classifier},
    {"send_rows", support_send_rows, sizeof support_send_rows},
    {"session_key_part", support_session_key_part, sizeof support_session_key_part},
    {"stack_embeddings", support_stack_embeddings, sizeof support_stack_embeddings},
    {"store_results", support_store_results, sizeof support_store_results},
    {"texts_key_part", support_texts_key_part, sizeof support_texts_key_part},
    {"write_answers", support_write_answers, sizeof support_write_answers},
};

const sibyl_sql_file *sibyl_sql_migrations(void) { return migrations; }
size_t sibyl_sql_migration_count(void) { return sizeof migrations / sizeof *migrations; }
const sibyl_sql_file *sibyl_sql_support(void) { return support; }
size_t sibyl_sql_support_count(void) { return sizeof support / sizeof *support; }
